with spine as (
    select * from {{ ref("feature_spine") }}
),

orders as (
    select * from {{ ref("int_paid_orders") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        orders.buyer_id,
        orders.buyer_region,
        {{ age_days("orders.event_on") }} as age_days,
        orders.paid_hour,
        orders.amount,
        cast(sum(orders.orders_paid) as integer) as orders
    from spine
    inner join orders on orders.seller_id = spine.seller_id and {{ is_known_event("orders", 90) }}
    group by
        spine.seller_id, spine.as_of, orders.buyer_id, orders.buyer_region, orders.event_on, orders.paid_hour,
        orders.amount
    having sum(orders.orders_paid) > 0
)

select * from final
