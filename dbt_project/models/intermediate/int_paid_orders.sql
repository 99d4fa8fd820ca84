{{ config(materialized="partials", slices=3) }}

with changes as (
    select * from {{ ref("int_order_changes") }}
),

partials as (
    select
        seller_id,
        buyer_id,
        buyer_region,
        {{ business_day("paid_at") }} as event_on,
        {{ business_hour("paid_at") }} as paid_hour,
        amount,
        changed_on as arrived_on,
        {{ signed_sum("orders_paid") }}
    from changes
    where (is_paid_changed or is_buyer_changed) and paid_at is not null
    group by
        seller_id, buyer_id, buyer_region, {{ business_day("paid_at") }}, {{ business_hour("paid_at") }}, amount,
        changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(["orders_paid"]) }}
)

select * from final
