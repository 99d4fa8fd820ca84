{#
Columns whose type differs between two tables, as dbt's own macro of the name finds them, by a lookup instead of a
search of all columns for each: 246 columns took 0.3 s of every night.
#}
{% macro duckdb__diff_column_data_types(source_columns, target_columns) %}
    {%- set targets, changed = {}, [] -%}
    {%- for column in target_columns %}{% do targets.update({column.name: column}) %}{% endfor -%}
    {%- for column in source_columns -%}
        {%- set target = targets.get(column.name) -%}
        {%- if target and column.expanded_data_type != target.expanded_data_type and not column.can_expand_to(other_column=target) -%}
            {%- do changed.append({"column_name": target.name, "new_type": column.expanded_data_type}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(changed) }}
{% endmacro %}

{# Contracts write types as DuckDB does; Spark's varchar has a length, and its texts without one are strings. #}
{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(columns) | replace("varchar", "string")) }}
{%- endmacro %}
