{# Lists and rows in them, which each engine writes in its own way. #}

{# A list of a group's values, in the order of columns; nulls of these come last. #}
{% macro ordered_list(value, order_by) -%} {{ return(adapter.dispatch("ordered_list")(value, order_by)) }} {%- endmacro %}

{% macro default__ordered_list(value, order_by) -%} array_agg({{ value }} order by {{ order_by | join(", ") }}) {%- endmacro %}

{% macro spark__ordered_list(value, order_by) -%}
    transform(
        sort_array(collect_list(struct(
            {%- for column in order_by %}{{ column }} is null, {{ column }}, {% endfor -%} {{ value }} as value
        ))),
        each -> each.value
    )
{%- endmacro %}

{# A value with columns as its fields. #}
{% macro row_of(columns) -%} {{ return(adapter.dispatch("row_of")(columns)) }} {%- endmacro %}

{% macro default__row_of(columns) -%}
    { {%- for column in columns %}'{{ column }}': {{ column }}{{ ", " if not loop.last }}{% endfor -%} }
{%- endmacro %}

{% macro spark__row_of(columns) -%}
    named_struct({%- for column in columns %}'{{ column }}', {{ column }}{{ ", " if not loop.last }}{% endfor -%})
{%- endmacro %}

{# A field of a value with fields. #}
{% macro field(row, name) -%} {{ return(adapter.dispatch("field")(row, name)) }} {%- endmacro %}

{% macro default__field(row, name) -%} struct_extract({{ row }}, '{{ name }}') {%- endmacro %}

{% macro spark__field(row, name) -%} {{ row }}.{{ name }} {%- endmacro %}

{# An element by its position, from 1; null where the list is shorter. #}
{% macro element(list, position) -%} {{ return(adapter.dispatch("element")(list, position)) }} {%- endmacro %}

{% macro default__element(list, position) -%} {{ list }}[{{ position }}] {%- endmacro %}

{% macro spark__element(list, position) -%} try_element_at({{ list }}, {{ position }}) {%- endmacro %}

{# A list of these values; without any, one that takes the type of what it stands beside. #}
{% macro list_of() -%} {{ return(adapter.dispatch("list_of")(varargs)) }} {%- endmacro %}

{% macro default__list_of(values) -%} [{{ values | join(", ") }}] {%- endmacro %}

{% macro spark__list_of(values) -%} array({{ values | join(", ") }}) {%- endmacro %}
