-- Orders by the buying accounts of shops, one row per (seller_id, as_of) that has any: by the seller's own account or
-- one of its owner's other shops, and by another shop of which the seller's account bought within 30 days.
with shops as (
    select * from {{ ref("stg_sellers") }}
),

orders as (
    select * from {{ ref("recent_orders") }}
),

paid_orders as (
    select * from {{ ref("int_paid_orders") }}
),

-- An account's orders of a day, once for each shop whose account it is.
trades as (
    select
        orders.seller_id,
        orders.as_of,
        orders.buyer_id,
        orders.age_days,
        shops.seller_id as shop_id,
        shops.owner_id as shop_owner_id,
        sum(orders.orders) as orders
    from orders
    inner join shops
        on
            shops.buyer_id = orders.buyer_id
            and {{ is_known_version("shops", "orders.as_of") }}
    group by orders.seller_id, orders.as_of, orders.buyer_id, orders.age_days, shops.seller_id, shops.owner_id
),

sides as (
    select
        trades.*,
        own.buyer_id as own_account,
        trades.shop_id = trades.seller_id as is_own,
        coalesce(trades.shop_owner_id = own.owner_id, false) as is_of_owner
    from trades
    inner join shops as own
        on
            own.seller_id = trades.seller_id
            and {{ is_known_version("own", "trades.as_of") }}
),

partners as (
    select distinct
        seller_id,
        as_of,
        shop_id,
        own_account
    from sides
    where not is_own
),

purchases as (
    select
        spine.seller_id,
        spine.as_of,
        spine.shop_id,
        {{ age_days("paid_orders.event_on") }} as age_days
    from partners as spine
    inner join paid_orders
        on
            paid_orders.seller_id = spine.shop_id
            and paid_orders.buyer_id = spine.own_account
            and {{ is_known_event("paid_orders", 120) }}
    group by spine.seller_id, spine.as_of, spine.shop_id, paid_orders.event_on
    having sum(paid_orders.orders_paid) > 0
),

days as (
    select
        sides.seller_id,
        sides.as_of,
        sides.buyer_id,
        sides.age_days,
        max(sides.orders) as orders,
        max(case when sides.is_own or sides.is_of_owner then 1 else 0 end) as is_self,
        max(case when purchases.shop_id is not null then 1 else 0 end) as is_reciprocal
    from sides
    left join purchases
        on
            purchases.seller_id = sides.seller_id
            and purchases.as_of = sides.as_of
            and purchases.shop_id = sides.shop_id
            and purchases.age_days between sides.age_days - 30 and sides.age_days + 30
    group by sides.seller_id, sides.as_of, sides.buyer_id, sides.age_days
),

final as (
    select
        seller_id,
        as_of,
        sum(orders * is_self) as self_orders_90d,
        sum(orders * is_reciprocal) as reciprocal_orders_90d
    from days
    group by seller_id, as_of
)

select * from final
