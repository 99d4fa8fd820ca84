{# A ratio of exact numbers; null without a denominator, never 0. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# The exact square of an amount. Of two decimal(18, 2) DuckDB makes a product of 18 digits, too few for 30 million. #}
{% macro squared(amount) -%}
    (cast({{ amount }} as decimal(38, 2)) * cast({{ amount }} as decimal(38, 2)))
{%- endmacro %}
