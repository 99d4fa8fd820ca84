{{ config(materialized="partials", slices=3) }}

with changes as (
    select * from {{ ref("int_payment_changes") }}
),

partials as (
    select
        seller_id,
        occurred_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("payments") }},
        {{ signed_amount("inflow_amount", "direction = 'in'") }},
        {{ signed_amount("outflow_amount", "direction = 'out'") }},
        {{ signed_sum("income_payments", condition=is_income()) }},
        {{ signed_amount("income_amount", is_income()) }},
        {{ signed_amount("sale_inflow_amount", "kind = 'sale' and direction = 'in'") }},
        {{ signed_sum("pay_payments", condition="kind in ('settlement', 'salary') and direction = 'in'") }},
        {{ signed_amount("settlement_inflow_amount", "kind = 'settlement' and direction = 'in'") }},
        {{ signed_amount("salary_inflow_amount", "kind = 'salary' and direction = 'in'") }},
        {{ signed_amount("payout_amount", "kind = 'payout' and direction = 'out'") }},
        {{ signed_amount("fee_amount", "kind = 'fee' and direction = 'out'") }},
        {{ signed_sum("penalties", condition="kind = 'penalty' and direction = 'out'") }},
        {{ signed_amount("penalty_amount", "kind = 'penalty' and direction = 'out'") }},
        {{ signed_amount("purchase_amount", "kind = 'purchase' and direction = 'out'") }},
        {{ signed_amount("refund_outflow_amount", "kind = 'refund' and direction = 'out'") }},
        {{ signed_amount("loan_inflow_amount", "kind = 'loan_disbursement' and direction = 'in'") }},
        {{ signed_amount("loan_outflow_amount", "kind = 'loan_repayment' and direction = 'out'") }},
        {{ signed_amount("transfer_inflow_amount", "kind = 'transfer' and direction = 'in'") }},
        {{ signed_amount("transfer_outflow_amount", "kind = 'transfer' and direction = 'out'") }},
        {{ signed_amount("method_inflow_amount", "method is not null and direction = 'in'") }},
        {{ signed_amount("cash_inflow_amount", "lower(method) = 'cash' and direction = 'in'") }},
        {{ signed_amount("method_outflow_amount", "method is not null and direction = 'out'") }},
        {{ signed_amount("cash_outflow_amount", "lower(method) = 'cash' and direction = 'out'") }}
    from changes
    group by seller_id, occurred_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(payment_measures()) }}
)

select * from final
