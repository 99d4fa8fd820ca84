{% macro payment_features() -%}
    {% for window in [30, 90, 365] -%}
    cast(payments.inflow_amount_{{ window }}d as decimal(18, 2)) as inflow_amount_{{ window }}d,
    cast(payments.outflow_amount_{{ window }}d as decimal(18, 2)) as outflow_amount_{{ window }}d,
    {% endfor -%}
    cast(payments.inflow_amount_90d - payments.outflow_amount_90d as decimal(18, 2)) as net_flow_amount_90d,
    cast(payments.payments_90d as bigint) as payments_90d,
    {{ ratio("payments.inflow_amount_90d", "payments.inflow_amount_180d - payments.inflow_amount_90d") }} - 1
        as inflow_growth_90d,
    {{ ratio("payments.payout_amount_90d", "payments.inflow_amount_90d") }} as payout_ratio_90d,
    {{ ratio("payments.purchase_amount_90d", "payments.inflow_amount_90d") }} as purchase_ratio_90d,
    {{ ratio("payments.fee_amount_90d", "payments.inflow_amount_90d") }} as fee_ratio_90d
{%- endmacro %}
