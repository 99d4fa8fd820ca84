{#
A double to so many decimals, halves away from zero, by the double that its product with the power of ten is: Spark's own
round goes by the digits in which a number is written.
#}
{% macro rounded(value, decimals) -%} {{ return(adapter.dispatch("rounded")(value, decimals)) }} {%- endmacro %}

{% macro default__rounded(value, decimals) -%} round({{ value }}, {{ decimals }}) {%- endmacro %}

{% macro spark__rounded(value, decimals) -%}
    round(cast({{ value }} as double) * 1e{{ decimals }}, 0) / 1e{{ decimals }}
{%- endmacro %}
