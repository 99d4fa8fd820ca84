{# Whether the run brings new nights of arrivals. #}
{% macro has_arrivals() -%}
    {{ return(var("arrived_from") is not none) }}
{%- endmacro %}

{# A date literal, or null as a date. #}
{% macro date_literal(value) -%}
    {%- if value -%} cast('{{ value }}' as date) {%- else -%} cast(null as date) {%- endif -%}
{%- endmacro %}

{# A condition: this arrival day is one of those that the run rebuilds. #}
{% macro is_rebuilt(arrived_on) -%}
    {{ arrived_on }} between {{ date_literal(var("arrived_from")) }} and {{ date_literal(var("arrived_to")) }}
{%- endmacro %}

{# A pre-hook for tables by as_of: the nights that this run makes are replaced. #}
{% macro delete_remade_nights() -%}
    {%- if is_incremental() and var("as_ofs") -%}
        {{ delete_rows(this, "as_of in (" ~ as_of_literals() ~ ")", by=["as_of"]) }}
    {%- endif -%}
{%- endmacro %}

{# As above, and features that stand on rebuilt partitions are dropped rather than left stale. #}
{% macro delete_stale_nights() -%}
    {%- if is_incremental() -%}
        {%- set stale = " or as_of >= " ~ date_literal(var("arrived_from")) if has_arrivals() -%}
        {{ delete_rows(this, "as_of in (" ~ as_of_literals() ~ ")" ~ stale, by=["as_of"]) }}
    {%- endif -%}
{%- endmacro %}

{# The nights of this run as a comma-separated list. #}
{% macro as_of_literals() -%}
    {%- for as_of in var("as_ofs") -%}
        {{ date_literal(as_of) }}{{ ", " if not loop.last }}
    {%- else -%} {{ date_literal(none) }}
    {%- endfor -%}
{%- endmacro %}

{# A relation with one row per night of this run. #}
{% macro as_of_rows() -%}
    {%- for as_of in var("as_ofs") -%}
        select {{ date_literal(as_of) }} as as_of {{ "union all " if not loop.last }}
    {%- else -%} select {{ date_literal(none) }} as as_of where false
    {%- endfor -%}
{%- endmacro %}
