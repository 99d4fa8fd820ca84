{#
The materializations of tables and views: one statement each. dbt-duckdb's own make a relation beside the old one, rename
both and drop the old one, nine statements a model, which were a fifth of a small night; DuckDB replaces a relation as a
whole or not at all. A table that others read by contract is incremental here, so contracts are not looked at.
#}
{% materialization table, adapter="duckdb" %}
    {%- if config.get("contract").enforced -%}
        {{ exceptions.raise_compiler_error(this ~ " has a contract: make it incremental, or look at contracts in macros/table.sql") }}
    {%- endif -%}
    {{ return(replaced_at_once("table")) }}
{% endmaterialization %}

{% materialization view, adapter="duckdb" %}
    {{ return(replaced_at_once("view")) }}
{% endmaterialization %}

{# Replace the model's relation by one of this kind, "table" or "view". #}
{% macro replaced_at_once(kind) %}
    {%- set target = this.incorporate(type=kind) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.type != kind -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        create or replace {{ kind }} {{ target }} as ({{ compiled_code }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({"relations": [target]}) }}
{% endmacro %}
