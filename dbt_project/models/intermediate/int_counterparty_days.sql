{{ config(materialized="partials", slices=3) }}

with changes as (
    select * from {{ ref("int_payment_changes") }}
),

partials as (
    select
        seller_id,
        counterparty_id,
        occurred_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("payments_in", condition="direction = 'in'") }},
        {{ signed_amount("inflow_amount", "direction = 'in'") }},
        {{ signed_sum("payments_out", condition="direction = 'out'") }},
        {{ signed_amount("outflow_amount", "direction = 'out'") }},
        {{ signed_sum("purchases", condition="kind = 'purchase' and direction = 'out'") }},
        {{ signed_amount("purchase_amount", "kind = 'purchase' and direction = 'out'") }}
    from changes
    where counterparty_id is not null
    group by seller_id, counterparty_id, occurred_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(counterparty_measures()) }}
)

select * from final
