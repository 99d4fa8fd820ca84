{# A pre-hook: a run that decides its nights again replaces its own rows; those of other runs and nights stay. #}
{% macro delete_own_nights() -%}
    {%- if is_incremental() and var("as_ofs") -%}
        {%- set own = "run_id = '" ~ var("run_id") ~ "' and as_of in (" ~ as_of_literals() ~ ")" -%}
        {{ delete_rows(this, own, by=["as_of", "run_id"]) }}
    {%- endif -%}
{%- endmacro %}
