{# The least-squares slope of ln(1 + value), by step, over n evenly spaced values in the columns <prefix>0 (the latest)
   to <prefix>n-1. They are added in this order, so that the sum of doubles is the same to the bit in every run. #}
{% macro log_slope(prefix, n) -%}
    (
        {%- for step in range(n) %}
        {{ "+ " if step }}({{ n - 1 - 2 * step }}) * ln(1 + cast({{ prefix }}{{ step }} as double))
        {%- endfor %}
    ) / {{ n * (n * n - 1) // 6 }}
{%- endmacro %}
