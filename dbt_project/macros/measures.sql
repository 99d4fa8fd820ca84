{# The additive measures of each partial, in the order of their columns. #}
{% macro order_measures() %}
    {{ return([
        "orders_placed", "placed_amount", "orders_arrived", "orders_arrived_late",
        "orders_paid", "paid_amount", "orders_round_amount",
        "orders_shipped", "shipped_amount", "orders_shipped_late", "shipped_late_amount", "ship_seconds",
        "orders_delivered", "orders_promised", "promised_amount", "orders_delivered_late", "delivered_late_amount",
        "orders_delivered_fast", "delivery_seconds",
        "orders_cancelled", "cancelled_amount", "orders_cancelled_paid", "cancelled_paid_amount",
    ]) }}
{% endmacro %}

{% macro payment_measures() %}
    {{ return([
        "payments", "inflow_amount", "outflow_amount", "income_payments", "income_amount", "sale_inflow_amount",
        "pay_payments", "settlement_inflow_amount", "salary_inflow_amount", "payout_amount", "fee_amount", "penalties",
        "penalty_amount", "purchase_amount", "refund_outflow_amount", "loan_inflow_amount", "loan_outflow_amount",
        "transfer_inflow_amount", "transfer_outflow_amount", "method_inflow_amount", "cash_inflow_amount",
        "method_outflow_amount", "cash_outflow_amount",
    ]) }}
{% endmacro %}

{# A condition: the payment is operating inflow, what the account earns. Transfers between own accounts, money lent and
   money given back are none, and neither is what nobody has named. #}
{% macro is_income() -%} kind in ('sale', 'settlement', 'salary') and direction = 'in' {%- endmacro %}

{% macro counterparty_measures() %}
    {{ return([
        "payments_in", "inflow_amount", "payments_out", "outflow_amount", "purchases", "purchase_amount",
    ]) }}
{% endmacro %}

{% macro refund_measures() %}
    {{ return([
        "refunds", "refund_amount", "disputes", "dispute_amount", "quality_refunds", "not_received_refunds",
    ]) }}
{% endmacro %}

{% macro review_measures() %}
    {{ return(["reviews", "rating_sum", "low_ratings", "five_star_ratings", "fast_five_star_ratings"]) }}
{% endmacro %}

{% macro industry_measures() %}
    {{ return([
        "orders", "sales_amount", "refunds", "refund_amount", "reviews", "rating_sum", "five_star_ratings",
    ]) }}
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
