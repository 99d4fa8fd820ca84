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

{# as_of of a relation's rows; spine: its name, none where it is the only one. In a run that makes features of one night
   alone it is a literal, so that the engine reads the blocks of the window alone and compares no two columns row by
   row. #}
{% macro spine_as_of(spine="spine") -%}
    {%- set as_ofs = var("as_ofs") if var("spine_kind") == "night" else [] -%}
    {{ return(date_literal(as_ofs[0]) if as_ofs | length == 1 else spine ~ ".as_of" if spine else "as_of") }}
{%- endmacro %}

{# An event's age in days on as_of: 0 for as_of itself. Both are dates. #}
{% macro age_days(event_on="days.event_on", as_of=none) -%}
    {{ return(adapter.dispatch("age_days")(event_on, as_of or spine_as_of())) }}
{%- endmacro %}

{% macro default__age_days(event_on, as_of) %}{{ return(dbt.datediff(event_on, as_of, "day")) }}{% endmacro %}

{# A difference of dates, where dbt's own macro would make timestamps of both. #}
{% macro duckdb__age_days(event_on, as_of) %}{{ return("(" ~ as_of ~ " - " ~ event_on ~ ")") }}{% endmacro %}

{# The day that lies a whole number of days before another. #}
{% macro days_before(day, days) -%}{{ return(adapter.dispatch("days_before")(day, days)) }}{%- endmacro %}

{% macro default__days_before(day, days) -%} cast({{ dbt.dateadd("day", "-(" ~ days ~ ")", day) }} as date) {%- endmacro %}

{% macro duckdb__days_before(day, days) -%} ({{ day }} - cast({{ days }} as integer)) {%- endmacro %}

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
    {{ days }}.arrived_on <= {{ spine_as_of() }}
    and {{ days }}.event_on <= {{ spine_as_of() }}
    and {{ days }}.event_on > {{ days_before(spine_as_of(), window_days(window)) }}
{%- endmacro %}

{#
The events of a partial that the spine knows of: its columns, as_of and age_days, one row for each night of the spine
that knows the event. A night has every seller, so that events of one night alone are read without looking at the spine;
of whom it does not have, nothing gets into a mart, which takes the spine's rows.
#}
{% macro known_events(partial, window=365, spine=none, key="seller_id") -%}
    {%- set is_of_all = not spine and spine_as_of() != "spine.as_of" -%}
    {%- set spine = spine or ref("feature_spine") -%}
    select
        days.*,
        {{ spine_as_of() }} as as_of,
        {{ age_days() }} as age_days
    from {{ partial }} as days
    {% if not is_of_all -%}
        inner join {{ spine }} as spine on spine.{{ key }} = days.{{ key }}
    {% endif -%}
    where {{ is_known_event(window=window) }}
{%- endmacro %}

{#
Sums of additive measures over every window, one row per (key, as_of) of the spine: <measure>_<window>d.

A seller without events has 0 where the deployment has the raw table by as_of (flag of the presence relation), and
null where it does not. windows: days, ascending, as windows_of() gives them. spine, presence: other relations than the
run's own. key: what events are summed by.
#}
{% macro window_sums(days, measures, flag, windows, condition="true", spine=none, presence=none, key="seller_id") -%}
with spine as (
    select * from {{ spine or ref("feature_spine") }}
),

presence as (
    select * from {{ presence or ref("feature_presence") }}
),

days as (
    {{ known_events(days, windows[-1], spine, key) }}
),

rings as (
    select
        days.{{ key }},
        days.as_of,
        {{ ring("days.age_days", windows) }} as ring,
        {% for measure in measures -%}
        sum(days.{{ measure }}) as {{ measure }}{{ "," if not loop.last }}
        {% endfor %}
    from days
    inner join presence on presence.as_of = days.as_of
    where {{ condition }}
    group by days.{{ key }}, days.as_of, {{ ring("days.age_days", windows) }}
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
