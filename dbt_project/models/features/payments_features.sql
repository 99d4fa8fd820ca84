{%- set operating_inflow = "flows.inflow_amount_90d - payments.loan_inflow_amount_90d"
    " - payments.transfer_inflow_amount_90d" -%}
{%- set operating_outflow = "flows.outflow_amount_90d - payments.loan_outflow_amount_90d"
    " - payments.transfer_outflow_amount_90d - payments.payout_amount_90d" -%}
with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

payments as (
    select * from {{ ref("payment_windows") }}
),

flows as (
    select * from {{ ref("flow_windows") }}
),

balances as (
    select * from {{ ref("balance_windows") }}
),

suppliers as (
    select * from {{ ref("supplier_windows") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {{ sum_features("inflow_amount", "flows.inflow_amount", "decimal(18, 2)") }},
        {{ sum_features("outflow_amount", "flows.outflow_amount", "decimal(18, 2)") }},
        {% for window in windows_of("net_flow_amount") -%}
            cast(flows.inflow_amount_{{ window }}d - flows.outflow_amount_{{ window }}d as decimal(18, 2))
                as net_flow_amount_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("net_flow_ratio") -%}
            {{ ratio(
                "flows.inflow_amount_" ~ window ~ "d - flows.outflow_amount_" ~ window ~ "d",
                "flows.inflow_amount_" ~ window ~ "d"
            ) }} as net_flow_ratio_{{ window }}d,
        {% endfor -%}
        {{ sum_features("payments", "payments.payments", "bigint") }},
        {{ ratio_features("sale_inflow_share", "payments.sale_inflow_amount", "flows.inflow_amount") }},
        {{ ratio_features("loan_inflow_share", "payments.loan_inflow_amount", "flows.inflow_amount") }},
        {{ ratio_features("payout_ratio", "payments.payout_amount", "flows.inflow_amount") }},
        {{ ratio_features("purchase_ratio", "payments.purchase_amount", "flows.inflow_amount") }},
        {{ ratio_features("fee_ratio", "payments.fee_amount", "flows.inflow_amount") }},
        {{ ratio_features("transfer_outflow_ratio", "payments.transfer_outflow_amount", "flows.inflow_amount") }},
        {{ ratio_features(
            "refund_outflow_ratio", "payments.refund_outflow_amount", "payments.sale_inflow_amount"
        ) }},
        {{ ratio("flows.inflow_amount_30d", "flows.inflow_amount_60d - flows.inflow_amount_30d") }} - 1
            as inflow_growth_30d,
        {{ ratio("flows.inflow_amount_90d", "flows.inflow_amount_180d - flows.inflow_amount_90d") }} - 1
            as inflow_growth_90d,
        {{ ratio("flows.outflow_amount_90d", "flows.outflow_amount_180d - flows.outflow_amount_90d") }} - 1
            as outflow_growth_90d,
        cast({{ operating_inflow }} as decimal(18, 2)) as operating_inflow_amount_90d,
        cast({{ operating_inflow }} - ({{ operating_outflow }}) as decimal(18, 2)) as operating_flow_amount_90d,
        {{ ratio(operating_inflow ~ " - (" ~ operating_outflow ~ ")", operating_inflow) }} as operating_flow_ratio_90d,
        {{ ratio("payments.loan_outflow_amount_90d", operating_inflow) }} as loan_service_ratio_90d,
        balances.balance_amount,
        {% for window in [30, 90] -%}
            balances.lowest_balance_amount_{{ window }}d,
            {{ ratio("balances.balance_day_sum_" ~ window ~ "d", "balances.balance_days_" ~ window ~ "d") }}
                as mean_balance_amount_{{ window }}d,
        {% endfor -%}
        balances.low_balance_amount_90d,
        cast(balances.low_balance_days_90d as bigint) as low_balance_days_90d,
        cast(balances.negative_balance_days_90d as bigint) as negative_balance_days_90d,
        {{ ratio("3 * balances.balance_amount", "flows.outflow_amount_90d") }} as balance_months_ratio_90d,
        {{ ratio(
            "90 * greatest(balances.balance_day_sum_90d, 0)",
            "balances.balance_days_90d * flows.outflow_amount_90d"
        ) }} as cash_out_days_90d,
        case when presence.has_payments then coalesce(suppliers.suppliers_180d, 0) end as suppliers_180d,
        {{ ratio("suppliers.top_supplier_amount_180d", "suppliers.supplied_amount_180d") }} as top_supplier_share_180d,
        {{ ratio(
            "suppliers.supplied_square_sum_180d", squared("suppliers.supplied_amount_180d")
        ) }} as supplier_concentration_ratio_180d
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join payments on payments.seller_id = spine.seller_id and payments.as_of = spine.as_of
    left join flows on flows.seller_id = spine.seller_id and flows.as_of = spine.as_of
    left join balances on balances.seller_id = spine.seller_id and balances.as_of = spine.as_of
    left join suppliers on suppliers.seller_id = spine.seller_id and suppliers.as_of = spine.as_of
)

select * from final
