with orders as (
    {{ known_events(ref("int_paid_orders"), 90) }}
),

final as (
    select
        seller_id,
        as_of,
        buyer_id,
        buyer_region,
        age_days,
        paid_hour,
        amount,
        cast(sum(orders_paid) as integer) as orders
    from orders
    group by seller_id, as_of, buyer_id, buyer_region, age_days, paid_hour, amount
    having sum(orders_paid) > 0
)

select * from final
