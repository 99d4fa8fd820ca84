-- An order arrives whenever something about it is heard of, as it was known by then.
with versions as (
    select
        *,
        unnest(list_distinct([
            first_arrival, shipped_arrival, delivered_arrival, cancelled_arrival, corrected_arrival, again_arrival
        ])) as arrival
    from facts
    where last_arrival >= getvariable('first_day')
),

final as (
    select
        order_no as place,
        order_name(order_no) as order_id,
        seller_name(seller) as seller_id,
        buyer_name(buyer_no) as buyer_id,
        case
            when cancelled_arrival <= arrival then 'cancelled'
            when delivered_arrival <= arrival then 'delivered'
            when shipped_arrival <= arrival then 'shipped'
            when paid_second is not null then 'paid'
            else 'created'
        end as status,
        moment(ordered_second) as ordered_at,
        moment(paid_second) as paid_at,
        if(shipped_arrival <= arrival, moment(shipped_second), null) as shipped_at,
        moment((day + 8)::bigint * 86400 - 1) as promised_at,
        if(delivered_arrival <= arrival, moment(delivered_second), null) as delivered_at,
        if(cancelled_arrival <= arrival, moment(cancelled_second), null) as cancelled_at,
        money(if(corrected_arrival <= arrival, cents, reported_cents)) as amount,
        money(freight_cents) as freight,
        industries.name || '/' || (category + 1) as category,
        regions.name as buyer_region,
        arrival
    from versions
    inner join industries on industries.number = versions.industry
    inner join regions on regions.number = versions.buyer_region
    where arrival between getvariable('first_day') and getvariable('last_day')
)

select * from final
