{# Schemas are named as written (marts, not main_marts): readers see these names. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
