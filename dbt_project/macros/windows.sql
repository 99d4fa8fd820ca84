{# The windows of features that dbt_project.yml names, of several names all together, ascending; in days. #}
{% macro windows_of() %}
    {%- set found = [] -%}
    {%- for name in varargs -%}
        {%- for window in var("windows")[name] -%}{%- do found.append(window) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(found | unique | sort) }}
{% endmacro %}

{# A sum as a feature of each of its windows: the columns <feature>_<window>d. #}
{% macro sum_features(feature, measure, type) -%}
    {%- for window in windows_of(feature) -%}
        cast({{ measure }}_{{ window }}d as {{ type }}) as {{ feature }}_{{ window }}d{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{# The same of a ratio of two sums; a factor may stand before either. #}
{% macro ratio_features(feature, numerator, denominator) -%}
    {%- for window in windows_of(feature) -%}
        {{ ratio(numerator ~ "_" ~ window ~ "d", denominator ~ "_" ~ window ~ "d") }}
            as {{ feature }}_{{ window }}d{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{# An event's age in days on as_of: 0 for as_of itself. #}
{% macro age_days(event_on="days.event_on", as_of="spine.as_of") -%}
    {{ dbt.datediff(event_on, as_of, "day") }}
{%- endmacro %}

{# The innermost window that an event falls in. Each event is put in one ring; a window is the sum of its rings. #}
{% macro ring(age, windows) -%}
    case
        {% for window in windows -%}
        when {{ age }} < {{ window }} then {{ window }}
        {% endfor -%}
    end
{%- endmacro %}

{# The condition that joins a spine with partials: known by as_of, and within the longest window before it.
   Dates are compared with dates (dateadd may give a timestamp), so that the engine can skip older blocks. #}
{% macro is_known_event(days="days", window=365) -%}
    {{ days }}.arrived_on <= spine.as_of
    and {{ days }}.event_on <= spine.as_of
    and {{ days }}.event_on > cast({{ dbt.dateadd("day", "-" ~ window, "spine.as_of") }} as date)
{%- endmacro %}

{#
Sums of additive measures over every window, one row per (key, as_of) of the spine: <measure>_<window>d.

A seller without events has 0 where the deployment has the raw table by as_of (flag of the presence relation), and
null where it does not. windows: days, ascending, as windows_of() gives them. spine, presence: other relations than the
run's own. key: what events are summed by.
#}
{% macro window_sums(days, measures, flag, windows, condition="true", spine=none, presence=none, key="seller_id") -%}
{%- set ring = ring(age_days(), windows) -%}
with spine as (
    select * from {{ spine or ref("feature_spine") }}
),

presence as (
    select * from {{ presence or ref("feature_presence") }}
),

days as (
    select * from {{ days }}
),

rings as (
    select
        spine.{{ key }},
        spine.as_of,
        {{ ring }} as ring,
        {% for measure in measures -%}
        sum(days.{{ measure }}) as {{ measure }}{{ "," if not loop.last }}
        {% endfor %}
    from spine
    inner join presence on presence.as_of = spine.as_of
    inner join days on days.{{ key }} = spine.{{ key }} and {{ is_known_event(window=windows[-1]) }}
    where {{ condition }}
    group by spine.{{ key }}, spine.as_of, {{ ring }}
)

select
    spine.{{ key }},
    spine.as_of
    {%- for measure in measures -%}
    {%- for window in windows %},
    case
        when presence.{{ flag }}
            then coalesce(sum(case when rings.ring <= {{ window }} then rings.{{ measure }} end), 0)
    end as {{ measure }}_{{ window }}d
    {%- endfor -%}
    {%- endfor %}
from spine
inner join presence on presence.as_of = spine.as_of
left join rings on rings.{{ key }} = spine.{{ key }} and rings.as_of = spine.as_of
group by spine.{{ key }}, spine.as_of, presence.{{ flag }}
{%- endmacro %}
