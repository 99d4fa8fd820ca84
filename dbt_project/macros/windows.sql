{# The windows of features that dbt_project.yml names, of several names all together: days, ascending, then ever. #}
{% macro windows_of() %}
    {%- set found = [] -%}
    {%- for name in varargs -%}
        {%- for window in var("windows")[name] -%}{%- do found.append(window) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return((found | select("number") | unique | sort) + (found | select("string") | unique | list)) }}
{% endmacro %}

{# How a window ends the names of its columns: 90d, or ever since the records began. #}
{% macro suffix(window) -%}{{ return(window ~ "d" if window is number else window) }}{%- endmacro %}

{# The days of a window; since the records began are more than the contract's years have. #}
{% macro window_days(window) -%}{{ return(window if window is number else 100000) }}{%- endmacro %}

{# A sum as a feature of each of its windows: the columns <feature>_<window>d. #}
{% macro sum_features(feature, measure, type) -%}
    {%- for window in windows_of(feature) -%}
        cast({{ measure }}_{{ suffix(window) }} as {{ type }}) as {{ feature }}_{{ suffix(window) }}
        {{- "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{# The same of a ratio of two sums; a factor may stand before either. #}
{% macro ratio_features(feature, numerator, denominator) -%}
    {%- for window in windows_of(feature) -%}
        {{ ratio(numerator ~ "_" ~ suffix(window), denominator ~ "_" ~ suffix(window)) }}
            as {{ feature }}_{{ suffix(window) }}{{ "," if not loop.last }}
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
        when {{ age }} < {{ window_days(window) }} then {{ window_days(window) }}
        {% endfor -%}
    end
{%- endmacro %}

{# The condition that joins a spine with partials: known by as_of, and within the longest window before it.
   Dates are compared with dates (dateadd may give a timestamp), so that the engine can skip older blocks. #}
{% macro is_known_event(days="days", window=365) -%}
    {{ days }}.arrived_on <= spine.as_of
    and {{ days }}.event_on <= spine.as_of
    and {{ days }}.event_on > cast({{ dbt.dateadd("day", "-" ~ window_days(window), "spine.as_of") }} as date)
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
            then coalesce(sum(case when rings.ring <= {{ window_days(window) }} then rings.{{ measure }} end), 0)
    end as {{ measure }}_{{ suffix(window) }}
    {%- endfor -%}
    {%- endfor %}
from spine
inner join presence on presence.as_of = spine.as_of
left join rings on rings.{{ key }} = spine.{{ key }} and rings.as_of = spine.as_of
group by spine.{{ key }}, spine.as_of, presence.{{ flag }}
{%- endmacro %}
