{# The columns of a table that are null somewhere, a row each: one node of dbt for all of them. #}
{% test never_null(model, columns) %}
    {% for column in columns -%}
        (select '{{ column }}' as null_column from {{ model }} where {{ column }} is null limit 1)
        {{ "union all" if not loop.last }}
    {% endfor %}
{% endtest %}
