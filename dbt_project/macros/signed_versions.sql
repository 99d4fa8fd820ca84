{#
The versions of a raw table's rows that arrived in this run's nights, as signed changes.

Each version adds itself (sign 1) and takes back the version that it replaces (sign -1), both on the night of its
arrival (changed_on), so that sum(sign * measure) over all nights up to D is the measure of what was known on D.
Only the keys of this run's rows are looked up in the history.
#}
{% macro signed_versions(versions, key) -%}
with arrivals as (
    select * from {{ versions }} where {{ is_rebuilt("arrived_on") }}
),

previous_nights as (
    select {{ key | join(", ") }}, max(arrived_on) as arrived_on
    from {{ versions }}
    where
        arrived_on < {{ date_literal(var("arrived_from")) }}
        and ({{ key | join(", ") }}) in (select {{ key | join(", ") }} from arrivals)
    group by {{ key | join(", ") }}
),

previous as (
    select versions.*
    from {{ versions }} as versions
    inner join previous_nights using ({{ key | join(", ") }}, arrived_on)
),

timeline as (
    select * from arrivals
    union all
    select * from previous
),

stepped as (
    select
        *,
        lag(arrived_on) over (partition by {{ key | join(", ") }} order by arrived_on) as previous_arrived_on,
        lead(arrived_on) over (partition by {{ key | join(", ") }} order by arrived_on) as superseded_on
    from timeline
)

select *, 1 as sign, previous_arrived_on is null as is_first_version, arrived_on as changed_on
from stepped
where {{ is_rebuilt("arrived_on") }}

union all

select *, -1 as sign, false as is_first_version, superseded_on as changed_on
from stepped
where superseded_on is not null
{%- endmacro %}
