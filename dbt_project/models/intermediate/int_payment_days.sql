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
        {{ signed_sum("sale_payments", condition="kind = 'sale' and direction = 'in'") }},
        {{ signed_amount("sale_inflow_amount", "kind = 'sale' and direction = 'in'") }},
        {{ signed_amount("payout_amount", "kind = 'payout' and direction = 'out'") }},
        {{ signed_amount("fee_amount", "kind = 'fee' and direction = 'out'") }},
        {{ signed_amount("purchase_amount", "kind = 'purchase' and direction = 'out'") }},
        {{ signed_amount("refund_outflow_amount", "kind = 'refund' and direction = 'out'") }},
        {{ signed_amount("loan_inflow_amount", "kind = 'loan_disbursement' and direction = 'in'") }},
        {{ signed_amount("loan_outflow_amount", "kind = 'loan_repayment' and direction = 'out'") }},
        {{ signed_amount("transfer_inflow_amount", "kind = 'transfer' and direction = 'in'") }},
        {{ signed_amount("transfer_outflow_amount", "kind = 'transfer' and direction = 'out'") }}
    from changes
    group by seller_id, occurred_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(payment_measures()) }}
)

select * from final
