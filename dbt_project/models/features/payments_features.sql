{%- set operating_inflow = "payments.income_amount_90d" -%}
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

paydays as (
    select * from {{ ref("payday_windows") }}
),

counterparties as (
    select * from {{ ref("counterparty_windows") }}
),

standing as (
    select * from {{ ref("standing_payments") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {{ sum_features("inflow_amount", "flows.inflow_amount", "decimal(18, 2)") }},
        {{ sum_features("outflow_amount", "flows.outflow_amount", "decimal(18, 2)") }},
        {% for window in windows_of("net_flow_amount") -%}
            {%- set net_flow = "flows.inflow_amount_" ~ suffix(window) ~ " - flows.outflow_amount_" ~ suffix(window) -%}
            cast({{ net_flow }} as decimal(18, 2)) as net_flow_amount_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("net_flow_ratio") -%}
            {%- set net_flow = "flows.inflow_amount_" ~ suffix(window) ~ " - flows.outflow_amount_" ~ suffix(window) -%}
            {{ ratio(net_flow, "flows.inflow_amount_" ~ suffix(window)) }} as net_flow_ratio_{{ suffix(window) }},
        {% endfor -%}
        {{ sum_features("payments", "payments.payments", "bigint") }},
        {{ ratio_features("sale_inflow_share", "payments.sale_inflow_amount", "flows.inflow_amount") }},
        {% for source in ["settlement", "salary"] -%}
            {% for window in windows_of(source ~ "_inflow_share") -%}
                {%- set amount = "payments." ~ source ~ "_inflow_amount_" ~ suffix(window) -%}
                case when presence.has_pay then {{ ratio(amount, "flows.inflow_amount_" ~ suffix(window)) }} end
                    as {{ source }}_inflow_share_{{ suffix(window) }},
            {% endfor -%}
        {% endfor -%}
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
        {{ sum_features("operating_inflow_amount", "payments.income_amount", "decimal(18, 2)") }},
        cast({{ operating_inflow }} - ({{ operating_outflow }}) as decimal(18, 2)) as operating_flow_amount_90d,
        {{ ratio(operating_inflow ~ " - (" ~ operating_outflow ~ ")", operating_inflow) }} as operating_flow_ratio_90d,
        {{ ratio("payments.loan_outflow_amount_90d", operating_inflow) }} as loan_service_ratio_90d,
        {% for window in windows_of("penalties") -%}
            case when presence.has_penalties then cast(payments.penalties_{{ suffix(window) }} as bigint) end
                as penalties_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("penalty_ratio") -%}
            case
                when presence.has_penalties
                    then
                        {{ ratio(
                            "payments.penalty_amount_" ~ suffix(window), "payments.income_amount_" ~ suffix(window)
                        ) }}
            end as penalty_ratio_{{ suffix(window) }},
        {% endfor -%}
        {{ ratio_features("cash_inflow_share", "payments.cash_inflow_amount", "payments.method_inflow_amount") }},
        {{ ratio_features("cash_outflow_share", "payments.cash_outflow_amount", "payments.method_outflow_amount") }},
        {% for window in windows_of("paydays") -%}
            case when presence.has_pay then coalesce(paydays.paydays_{{ suffix(window) }}, 0) end
                as paydays_{{ suffix(window) }},
        {% endfor -%}
        {% for window in windows_of("longest_payday_gap_days") -%}
            case
                when presence.has_pay
                    then cast(coalesce(paydays.longest_payday_gap_days_{{ window }}d, {{ window }}) as bigint)
            end as longest_payday_gap_days_{{ window }}d,
        {% endfor -%}
        {% for window in windows_of("payday_variation_ratio") -%}
            {%- set steps = "paydays.payday_steps_" ~ window ~ "d" -%}
            case
                when {{ steps }} > 1
                    then
                        {{ variation(
                            "paydays.payday_step_sum_" ~ window ~ "d", "paydays.payday_step_square_sum_" ~ window ~ "d", steps
                        ) }}
            end as payday_variation_ratio_{{ window }}d,
        {% endfor -%}
        {% for side in ["payers", "payees"] -%}
            {% for window in windows_of(side) -%}
                case when presence.has_counterparties then coalesce(counterparties.{{ side }}_{{ window }}d, 0) end
                    as {{ side }}_{{ window }}d,
            {% endfor -%}
        {% endfor -%}
        {{ ratio_features(
            "top_payer_share", "counterparties.top_payer_amount", "counterparties.named_inflow_amount"
        ) }},
        case when presence.has_counterparties then coalesce(standing.standing_payments_120d, 0) end
            as standing_payments_120d,
        case
            when presence.has_counterparties then cast(coalesce(standing.standing_amount_120d, 0) as decimal(18, 2))
        end as standing_amount_120d,
        case
            when presence.has_counterparties
                then {{ ratio("3 * coalesce(standing.standing_amount_120d, 0)", operating_inflow) }}
        end as standing_payment_ratio_120d,
        balances.balance_amount,
        {{ sum_features("lowest_balance_amount", "balances.lowest_balance_amount", "decimal(18, 2)") }},
        {{ ratio_features("mean_balance_amount", "balances.balance_day_sum", "balances.balance_days") }},
        {{ sum_features("negative_balance_days", "balances.negative_balance_days", "bigint") }},
        {{ sum_features("low_balance_days", "balances.low_balance_days", "bigint") }},
        {{ sum_features("standing_shortfall_days", "balances.standing_shortfall_days", "bigint") }},
        {{ sum_features("month_end_balance_amount", "balances.month_end_balance_amount", "decimal(18, 2)") }},
        {% for window in windows_of("month_end_balance_ratio") -%}
            {{ ratio(
                ratio(
                    "balances.month_end_balance_sum_" ~ suffix(window), "balances.month_end_days_" ~ suffix(window)
                ),
                ratio(
                    "greatest(balances.balance_day_sum_" ~ suffix(window) ~ ", 0)",
                    "balances.balance_days_" ~ suffix(window)
                )
            ) }} as month_end_balance_ratio_{{ suffix(window) }},
        {% endfor -%}
        balances.low_balance_amount_90d,
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
    left join paydays on paydays.seller_id = spine.seller_id and paydays.as_of = spine.as_of
    left join counterparties on counterparties.seller_id = spine.seller_id and counterparties.as_of = spine.as_of
    left join standing on standing.seller_id = spine.seller_id and standing.as_of = spine.as_of
)

select * from final
