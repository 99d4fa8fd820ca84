{#
The order in which a partial's rows are stored. Where a seller's rows lie together, sums by seller take a third to a
half of the time; where each night appends its own, they lie in as many places as there were nights. A table is
therefore stored in order once more whenever a tenth of its rows was appended since: the same rows, about once a month.
stored_nights tells up to which night of arrival a table is in order.
#}

{# What the model's rows are stored by. #}
{% macro stored_by() %}{{ return(config.get("stored_by", "seller_id")) }}{% endmacro %}

{# After a run's nights were inserted; is_new: nothing was there before, so the table is in order. #}
{% macro keep_in_order(table, is_new) %}{{ return(adapter.dispatch("keep_in_order")(table, is_new)) }}{% endmacro %}

{% macro default__keep_in_order(table, is_new) %}{% endmacro %}

{% macro duckdb__keep_in_order(table, is_new) %}
    {%- set nights = api.Relation.create(database=table.database, schema=table.schema, identifier="stored_nights") -%}
    {%- set same = "table_name = '" ~ table.identifier ~ "'" -%}
    {% call statement("appended", fetch_result=True) %}
        create table if not exists {{ nights }} (table_name varchar primary key, arrived_to date);
        update {{ nights }}
        set arrived_to = least(arrived_to, {{ days_before(date_literal(var("arrived_from")), 1) }})
        where {{ same }};
        select
            count(*) as row_count,
            count(*) filter (
                arrived_on > coalesce((select arrived_to from {{ nights }} where {{ same }}), date '1900-01-01')
            ) as appended_row_count
        from {{ table }}
    {% endcall %}
    {%- set row_count, appended_row_count = load_result("appended").data[0] -%}
    {%- set is_due = row_count >= var("ordered_from_rows") and 10 * appended_row_count > row_count -%}
    {% if is_new or is_due %}
        {% call statement("order") %}
            {% if not is_new -%}
                create or replace table {{ table }} as
                select * from {{ table }} order by {{ stored_by() }};
            {%- endif %}
            insert or replace into {{ nights }} values ('{{ table.identifier }}', {{ date_literal(var("arrived_to")) }})
        {% endcall %}
    {% endif %}
{% endmacro %}
