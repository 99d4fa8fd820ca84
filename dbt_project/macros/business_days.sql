{#
The one place where a moment (UTC) becomes a day or an hour: by the clocks of the business time zone, the variable
timezone, daylight saving as it was at that moment. In UTC it is a plain cast.
#}
{% macro business_day(moment) -%} cast({{ business_time(moment) }} as date) {%- endmacro %}

{# The hour, 0 to 23. #}
{% macro business_hour(moment) -%} cast(extract(hour from {{ business_time(moment) }}) as smallint) {%- endmacro %}

{# What clocks in the business time zone show at a moment. #}
{% macro business_time(moment) -%}
    {%- set zone = var("timezone") -%}
    {{ return(moment if zone == "UTC" else adapter.dispatch("business_time")(moment, zone)) }}
{%- endmacro %}

{# Spark's, in a session whose time zone is UTC. #}
{% macro default__business_time(moment, zone) %}{{ return("from_utc_timestamp(" ~ moment ~ ", '" ~ zone ~ "')") }}{% endmacro %}

{% macro duckdb__business_time(moment, zone) %}
    {{ return("timezone('" ~ zone ~ "', timezone('UTC', " ~ moment ~ "))") }}
{% endmacro %}

{# How many of the last five days of calendar months there were up to a day, counted from year 0: what lies between two
   days is the difference. #}
{% macro month_end_days_until(day) -%}
    (
        5 * (12 * extract(year from {{ day }}) + extract(month from {{ day }}))
        + greatest(extract(day from {{ day }}) - extract(day from last_day({{ day }})) + 5, 0)
    )
{%- endmacro %}
