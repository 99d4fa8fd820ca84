{# A seed's rows, as texts that Spark casts: dbt-spark's own macro stops at an apostrophe, and writes None where a cell is
   empty. #}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model["config"].get("column_types", {}) -%}
    {%- set sql -%}
        insert into {{ this }} values
        {% for row in agate_table.rows -%}
            (
            {%- for name in agate_table.column_names -%}
                {%- set value = row[loop.index0] -%}
                cast({{ "null" if value is none else text_literal(value | string) }} as {{ types[name] }})
                {{- ", " if not loop.last }}
            {%- endfor -%}
            ){{ "," if not loop.last }}
        {% endfor %}
    {%- endset -%}
    {% do adapter.add_query(sql, abridge_sql_log=True) %}
    {{ return(sql) }}
{% endmacro %}
