{#
The materialization of tables: one statement. dbt-duckdb's own makes a table beside the old one, renames both and drops
the old one, nine statements a model, which were a fifth of a small night; DuckDB replaces a table as a whole or not at
all. A table that others read by contract is incremental here, so contracts are not looked at.
#}
{% materialization table, adapter="duckdb" %}
    {%- set target = this.incorporate(type="table") -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if config.get("contract").enforced -%}
        {{ exceptions.raise_compiler_error(this ~ " has a contract: make it incremental, or look at contracts in macros/table.sql") }}
    {%- endif -%}
    {%- if existing is not none and not existing.is_table -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        create or replace table {{ target }} as ({{ compiled_code }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}

{# The materialization of views: one statement too, where dbt's own renames an old view away and a new one into place. #}
{% materialization view, adapter="duckdb" %}
    {%- set target = this.incorporate(type="view") -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and not existing.is_view -%}{% do adapter.drop_relation(existing) %}{%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement("main") -%}
        create or replace view {{ target }} as ({{ compiled_code }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {{ adapter.commit() }}
    {{ return({"relations": [target]}) }}
{% endmaterialization %}
