{#
The materialization of what a run's nights changed, which several partials read (config(materialized="changes")).

It is a table where the run brings one night or few rows, so that the history of versions is looked through once and not
by each reader; a view where it brings many, for each reader then asks for its own slices of the sellers.
#}
{% materialization changes, default %}
    {%- set is_one_night = var("arrived_from") == var("arrived_to") -%}
    {%- set is_table = has_arrivals() and (is_one_night or slices_of_arrivals(2) == 1) -%}
    {%- set target = this.incorporate(type="table" if is_table else "view") -%}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {{ drop_relation_if_exists(load_cached_relation(this)) }}
    {% call statement("main") -%}
        {{ create_table_as(False, target, sql) if is_table else create_view_as(target, sql) }}
    {%- endcall %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}
