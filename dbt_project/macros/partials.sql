{#
The materialization of partials (a table that grows by partitions of arrived_on; config(materialized="partials")).

A run of new nights drops the partitions from its first night on, which no longer telescope, and inserts its own; a
night made again thus replaces itself, and nothing older is touched. A run without new nights leaves the table alone.
A run of many nights works through as many slices of the sellers as config(slices=...) says, or fewer if few rows have
arrived, where the model reads what is_in_slice admits, so that it needs the memory of one slice. Rows are stored in the
order of config(stored_by=...), the seller's where nothing is said (see macros/stored_order.sql).
#}
{% materialization partials, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type="table") -%}
    {%- set is_one_night = var("arrived_from") == var("arrived_to") -%}
    {%- set slices = 1 if is_one_night else possible_slices(slices_of_arrivals(config.get("slices", 1))) -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if has_arrivals() %}{% do forget_carried_nights() %}{% endif %}
    {% if existing is none or should_full_refresh() %}
        {{ drop_relation_if_exists(existing) }}
        {% call statement("create") %}
            {{ create_partials(target, sql) }}
        {% endcall %}
    {% elif has_arrivals() %}
        {% call statement("delete") %}
            {{ delete_rows(target, "arrived_on >= " ~ date_literal(var("arrived_from")), by=["arrived_on"]) }}
        {% endcall %}
    {% endif %}

    {% for slice in range(slices if has_arrivals() else 0) %}
        {%- if slices > 1 %}{{ begin_slice(slice, slices) }}{% endif -%}
        {% call statement("main") %}
            insert into {{ target }} by name
            select * from (
            {{ sql }}
            ) as partials
            {{ in_stored_order() }}
        {% endcall %}
    {% else %}
        {% call noop_statement("main", "no new nights") %}{% endcall %}
    {% endfor %}
    {%- if slices > 1 %}{{ begin_slice(0, 1) }}{% endif %}
    {%- if has_arrivals() %}{% do keep_in_order(target, is_new=existing is none or should_full_refresh()) %}{% endif %}

    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# The table without rows. #}
{% macro create_partials(target, sql) %}{{ return(adapter.dispatch("create_partials")(target, sql)) }}{% endmacro %}

{% macro default__create_partials(target, sql) -%}
    create table {{ target }} as
    select * from (
    {{ sql }}
    ) as partials where false
{%- endmacro %}

{% macro spark__create_partials(target, sql) -%}
    create table {{ target }} using parquet partitioned by (arrived_on) as
    select * from (
    {{ sql }}
    ) as partials where false
{%- endmacro %}

{# The end of a statement that stores rows, so that they lie in order; on Spark one task writes a night. #}
{% macro in_stored_order() %}{{ return(adapter.dispatch("in_stored_order")()) }}{% endmacro %}

{% macro default__in_stored_order() -%} order by {{ stored_by() }} {%- endmacro %}

{% macro spark__in_stored_order() -%} distribute by arrived_on sort by {{ stored_by() }} {%- endmacro %}

{# So many slices, but no more than the rows that arrived need: each of twelve takes a twelfth of 90 million. #}
{% macro slices_of_arrivals(most) %}
    {%- set row_count = var("arrived_row_count") -%}
    {{ return(most if row_count is none else [most, 1 + row_count // 7500000] | min) }}
{% endmacro %}

{# Into how many slices the engine can divide the sellers; elsewhere than in DuckDB there is but one. #}
{% macro possible_slices(wanted) %}{{ return(adapter.dispatch("possible_slices")(wanted)) }}{% endmacro %}

{% macro default__possible_slices(wanted) %}{{ return(1) }}{% endmacro %}

{% macro duckdb__possible_slices(wanted) %}{{ return(wanted) }}{% endmacro %}

{# Says to the statements that follow which slice to read. #}
{% macro begin_slice(slice, slices) %}{{ return(adapter.dispatch("begin_slice")(slice, slices)) }}{% endmacro %}

{% macro default__begin_slice(slice, slices) %}{% endmacro %}

{% macro duckdb__begin_slice(slice, slices) %}
    {% do run_query("set variable slice = " ~ slice) %}
    {% do run_query("set variable slices = " ~ slices) %}
{% endmacro %}

{# A condition: the slice that is being read, if any, has this seller. #}
{% macro is_in_slice(seller_id) -%}{{ return(adapter.dispatch("is_in_slice")(seller_id)) }}{%- endmacro %}

{% macro default__is_in_slice(seller_id) -%} true {%- endmacro %}

{% macro duckdb__is_in_slice(seller_id) -%}
    (coalesce(getvariable('slices'), 1) = 1 or hash({{ seller_id }}) % getvariable('slices') = getvariable('slice'))
{%- endmacro %}
