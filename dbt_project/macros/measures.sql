{# The additive measures of each partial, in the order of their columns. #}
{% macro order_measures() %}
    {{ return([
        "orders_placed", "orders_arrived", "orders_arrived_late", "orders_paid", "paid_amount",
        "orders_shipped", "ship_seconds", "orders_delivered", "orders_promised", "orders_delivered_late",
        "delivery_seconds", "orders_cancelled", "cancelled_amount",
    ]) }}
{% endmacro %}

{% macro payment_measures() %}
    {{ return([
        "payments", "inflow_amount", "outflow_amount", "sale_payments", "sale_inflow_amount",
        "payout_amount", "fee_amount", "purchase_amount",
    ]) }}
{% endmacro %}

{% macro refund_measures() %}
    {{ return(["refunds", "refund_amount", "disputes"]) }}
{% endmacro %}

{% macro review_measures() %}
    {{ return(["reviews", "rating_sum", "low_ratings", "five_star_ratings"]) }}
{% endmacro %}

{# The sum over the events that meet a condition of their number (value none) or of a value, each with its sign. The
   narrow types keep millions of running sums in memory. #}
{% macro signed_sum(name, value=none, condition="true", type="integer") -%}
    {%- set signed = "sign" if value is none else "case when sign = 1 then " ~ value ~ " else -(" ~ value ~ ") end" -%}
    cast(sum(case when {{ condition }} then {{ signed }} else 0 end) as {{ type }}) as {{ name }}
{%- endmacro %}

{% macro signed_amount(name, condition="true") -%}
    {{ signed_sum(name, "amount", condition, "decimal(18, 2)") }}
{%- endmacro %}

{# A condition: at least one measure is not zero; a correction that changed nothing leaves no row. #}
{% macro any_measure(measures) -%}
    ({% for measure in measures %}{{ measure }} <> 0{{ " or " if not loop.last }}{% endfor %})
{%- endmacro %}
