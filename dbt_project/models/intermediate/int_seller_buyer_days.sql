{{ config(materialized="partials", slices=3) }}

with changes as (
    select * from {{ ref("int_order_changes") }}
),

partials as (
    select
        seller_id,
        buyer_id,
        cast(paid_at as date) as event_on,
        changed_on as arrived_on,
        {{ signed_sum("orders_paid") }},
        {{ signed_amount("paid_amount") }}
    from changes
    where (is_paid_changed or is_buyer_changed) and paid_at is not null
    group by seller_id, buyer_id, cast(paid_at as date), changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(["orders_paid", "paid_amount"]) }}
)

select * from final
