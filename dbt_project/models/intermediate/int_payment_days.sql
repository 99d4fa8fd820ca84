{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_partitions() }}"
    )
}}

with changes as (
    select * from {{ ref("int_payment_changes") }}
),

partials as (
    select
        seller_id,
        occurred_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("payments") }},
        {{ signed_sum("inflow_amount", "amount", "direction = 'in'") }},
        {{ signed_sum("outflow_amount", "amount", "direction = 'out'") }},
        {{ signed_sum("sale_payments", condition="kind = 'sale' and direction = 'in'") }},
        {{ signed_sum("sale_inflow_amount", "amount", "kind = 'sale' and direction = 'in'") }},
        {{ signed_sum("payout_amount", "amount", "kind = 'payout' and direction = 'out'") }},
        {{ signed_sum("fee_amount", "amount", "kind = 'fee' and direction = 'out'") }},
        {{ signed_sum("purchase_amount", "amount", "kind = 'purchase' and direction = 'out'") }}
    from changes
    group by seller_id, occurred_on, changed_on
),

final as (
    select
        seller_id,
        event_on,
        arrived_on,
        payments,
        cast(inflow_amount as decimal(18, 2)) as inflow_amount,
        cast(outflow_amount as decimal(18, 2)) as outflow_amount,
        sale_payments,
        cast(sale_inflow_amount as decimal(18, 2)) as sale_inflow_amount,
        cast(payout_amount as decimal(18, 2)) as payout_amount,
        cast(fee_amount as decimal(18, 2)) as fee_amount,
        cast(purchase_amount as decimal(18, 2)) as purchase_amount
    from partials
    where {{ any_measure(payment_measures()) }}
)

select * from final
