{#
The versions of a raw table's rows that arrived in this run's nights, as signed changes.

Each version adds itself (sign 1) and takes back the version that it replaces (sign -1), both on the night of its
arrival (changed_on), so that sum(sign * measure) over all nights up to D is the measure of what was known on D.
Only the keys of this run's rows are looked up in the history; where partials are made from scratch there is none.

columns: what a change is told by, beside the key. facts: names of flags, each with the columns of which at least one
must differ from the version before; a reader passes over what a flag says has stayed as it was. slice_by: the column
of the key by which partials may be made in slices.
#}
{% macro signed_versions(versions, key, columns, facts={}, slice_by=none) -%}
{%- set key_columns = key | join(", ") -%}
{%- set is_of_slice = " and " ~ is_in_slice(slice_by) if slice_by -%}
with timeline as (
    select * from {{ versions }} where {{ is_rebuilt("arrived_on") }} {{- is_of_slice }}
    {%- if not flags.FULL_REFRESH %}
    union all
    select *
    from {{ versions }}
    where
        arrived_on < {{ date_literal(var("arrived_from")) }}
        and ({{ key_columns }}) in (select {{ key_columns }} from {{ versions }} where {{ is_rebuilt("arrived_on") }})
        {{- is_of_slice }}
    {%- endif %}
),

paired as (
    select
        {{ key_columns }},
        {%- for column in columns + ["arrived_on"] %}
        {{ column }},
        lag({{ column }}) over (partition by {{ key_columns }} order by arrived_on) as previous_{{ column }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from timeline
),

signs as (
    select 1 as sign
    union all
    select -1 as sign
)

select
    {{ key_columns }},
    {%- for column in columns %}
    case when signs.sign = 1 then paired.{{ column }} else paired.previous_{{ column }} end as {{ column }},
    {%- endfor %}
    {%- for flag, fact in facts.items() %}
    ({% for column in fact -%}
    paired.{{ column }} is distinct from paired.previous_{{ column }}{{ " or " if not loop.last }}
    {%- endfor %}) as {{ flag }},
    {%- endfor %}
    signs.sign,
    signs.sign = 1 and paired.previous_arrived_on is null as is_first_version,
    paired.arrived_on as changed_on
from paired
cross join signs
where {{ is_rebuilt("paired.arrived_on") }} and (signs.sign = 1 or paired.previous_arrived_on is not null)
{%- endmacro %}
