{#
The materialization of sums by pairs of keys (config(materialized="carried", partial=..., keys=[...], windows=[...])).

Tables of pairs are as large as the events of their windows, of which few change in a night. A run of one night makes
anew only the pairs of which an event arrived, or left one of the windows, since the table was made. The others stay as
they are, and so does their as_of: readers take that of the run, spine_as_of(). The table is made whole where carried_from
finds nothing to go on from. Both ways run the same SQL, which asks is_changed_pair of each event.
#}
{% materialization carried, adapter="duckdb" %}
    {%- set from_night = carried_from() -%}
    {%- set target = this.incorporate(type="table") -%}
    {%- set keys = config.get("keys") | join(", ") -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if from_night %}
        {% call statement("changed") %}
            create or replace temporary table changed_pairs as
            {{ changed_pairs(ref(config.get("partial")), keys, config.get("windows"), from_night) }}
        {% endcall %}
        {% call statement("delete") %}
            delete from {{ target }} where ({{ keys }}) in (select {{ keys }} from changed_pairs)
        {% endcall %}
        {% call statement("main") %}
            insert into {{ target }} by name
            {{ sql }}
        {% endcall %}
    {% else %}
        {% call statement("main") %}
            create or replace table {{ target }} as
            {{ sql }}
        {% endcall %}
    {% endif %}
    {% do keep_carried_night() %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# Elsewhere than in DuckDB the table is made whole each night. #}
{% materialization carried, default %}
    {{ return(context["materialization_table_" ~ adapter.type()]()) }}
{% endmaterialization %}

{# The pairs with an event that a night after from_night has, or that is no longer in a window in which it was. #}
{% macro changed_pairs(partial, keys, windows, from_night) -%}
    {%- set since = date_literal(from_night) -%}
    select distinct {{ keys }}
    from {{ partial }} as days
    where
        {{ is_known_event(window=100000) }}
        and (
            arrived_on > {{ since }} or event_on > {{ since }}
            {% for window in windows -%}
                or (
                    event_on > {{ days_before(since, window) }}
                    and event_on <= {{ days_before(spine_as_of(), window) }}
                )
            {% endfor %}
        )
{%- endmacro %}

{# A condition: the run makes this pair anew, as those that make the table whole do with all. #}
{% macro is_changed_pair(relation, keys) -%}
    {%- if carried_from() -%}
        ({{ relation }}.{{ keys | join(", " ~ relation ~ ".") }}) in (select {{ keys | join(", ") }} from changed_pairs)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# The night as of which the model's table is, if a run of one night can go on from it; else none. #}
{% macro carried_from() -%}
    {%- set night = spine_as_of() -%}
    {%- if not execute or night == "spine.as_of" or flags.FULL_REFRESH or not has_carried_nights() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set found = run_query(
        "select as_of from " ~ carried_nights() ~ " where table_name = '" ~ this.identifier ~ "' and project = '"
        ~ var("project") ~ "' and as_of between " ~ days_before(night, 31) ~ " and " ~ night
    ) -%}
    {{ return(found.rows[0][0] if found.rows else none) }}
{%- endmacro %}

{# As of which night each carried table is, and by which files of this project it was made. #}
{% macro carried_nights() -%}
    {{ return(api.Relation.create(database=this.database, schema="features", identifier="carried_nights")) }}
{%- endmacro %}

{% macro has_carried_nights() -%} {{ return(adapter.dispatch("has_carried_nights")()) }} {%- endmacro %}

{% macro default__has_carried_nights() -%} {{ return(false) }} {%- endmacro %}

{% macro duckdb__has_carried_nights() -%}
    {%- set nights = carried_nights() -%}
    {{ return(adapter.get_relation(nights.database, nights.schema, nights.identifier) is not none) }}
{%- endmacro %}

{# Keep as of which night the model's table is: that of the run, if it has but one. #}
{% macro keep_carried_night() %}
    {%- set night = spine_as_of() -%}
    {% call statement("keep_carried_night") %}
        create table if not exists {{ carried_nights() }} (table_name varchar, partial varchar, as_of date, project varchar);
        delete from {{ carried_nights() }} where table_name = '{{ this.identifier }}';
        {% if night != "spine.as_of" %}
        insert into {{ carried_nights() }} values
        ('{{ this.identifier }}', '{{ config.get("partial") }}', {{ night }}, '{{ var("project") }}');
        {% endif %}
    {% endcall %}
{% endmacro %}

{# Tables that stand on nights of this partial which are made again are nothing to go on from. #}
{% macro forget_carried_nights() %}
    {% if has_carried_nights() %}
        {% call statement("forget_carried_nights") %}
            delete from {{ carried_nights() }}
            where partial = '{{ this.identifier }}' and as_of >= {{ date_literal(var("arrived_from")) }}
        {% endcall %}
    {% endif %}
{% endmacro %}
