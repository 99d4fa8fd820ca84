-- The shape of a seller's orders of 90 days: its busiest clock hours, and the last digit of the whole amounts.
with hourly_buyers as (
    select
        seller_id,
        as_of,
        age_days,
        paid_hour,
        buyer_id,
        sum(orders) as orders
    from {{ ref("recent_orders") }}
    group by seller_id, as_of, age_days, paid_hour, buyer_id
),

hours as (
    select
        seller_id,
        as_of,
        sum(orders) as orders,
        {{ ratio("sum(orders)", "count(*)") }} as orders_per_buyer
    from hourly_buyers
    group by seller_id, as_of, age_days, paid_hour
),

peaks as (
    select
        seller_id,
        as_of,
        max(orders) as peak_hour_orders_90d,
        max(orders_per_buyer) as peak_hour_orders_per_buyer_ratio_90d
    from hours
    group by seller_id, as_of
),

digits as (
    select
        seller_id,
        as_of,
        cast(floor(amount) as bigint) % 10 as last_digit,
        sum(orders) as orders
    from {{ ref("recent_orders") }}
    group by seller_id, as_of, cast(floor(amount) as bigint) % 10
),

top_digits as (
    select
        seller_id,
        as_of,
        max(orders) as top_digit_orders_90d,
        sum(orders) as orders_90d
    from digits
    group by seller_id, as_of
),

final as (
    select
        peaks.*,
        top_digits.top_digit_orders_90d,
        top_digits.orders_90d
    from peaks
    inner join top_digits on top_digits.seller_id = peaks.seller_id and top_digits.as_of = peaks.as_of
)

select * from final
