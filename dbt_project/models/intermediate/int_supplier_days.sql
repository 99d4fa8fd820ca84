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
        {{ signed_sum("purchases") }},
        {{ signed_amount("purchase_amount") }}
    from changes
    where kind = 'purchase' and direction = 'out' and counterparty_id is not null
    group by seller_id, counterparty_id, occurred_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(["purchases", "purchase_amount"]) }}
)

select * from final
