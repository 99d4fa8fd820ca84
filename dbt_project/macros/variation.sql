{# The coefficient of variation (population) of n values from their exact sum and sum of squares; null without sales. #}
{% macro variation(total, square_sum, n) -%}
    sqrt(abs({{ ratio(n ~ " * " ~ square_sum ~ " - " ~ squared(total), squared(total)) }}))
{%- endmacro %}
