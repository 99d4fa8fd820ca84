-- What the dump says of each order, before anything is cut into arrivals.

-- A time is never before the one that must come first; null stays null.
create macro not_before(moment, floor) as if(moment is null, null, greatest(moment, floor));

create table timeline as
with ordered as (
    select
        orders.order_id,
        customers.customer_unique_id as buyer_id,
        customers.customer_state as buyer_region,
        orders.order_status in ('canceled', 'unavailable') as is_cancelled,
        orders.order_purchase_timestamp as ordered_at,
        orders.order_estimated_delivery_date as promised_at,
        not_before(orders.order_approved_at, orders.order_purchase_timestamp) as paid_at,
        not_before(orders.order_delivered_carrier_date, orders.order_purchase_timestamp) as shipped_at,
        orders.order_delivered_customer_date
    from orders
    left join customers on orders.customer_id = customers.customer_id
),

delivered as (
    -- greatest() passes over nulls: a parcel without a time of shipping is compared with its order alone.
    select *, not_before(order_delivered_customer_date, greatest(ordered_at, shipped_at)) as delivered_at
    from ordered
)

select
    * exclude (is_cancelled, order_delivered_customer_date),
    -- The dump has no time of cancelling: by the promised day, at the latest, everybody knew.
    if(is_cancelled, greatest(promised_at, ordered_at, paid_at, shipped_at, delivered_at), null) as cancelled_at
from delivered;

create table order_sellers as
select
    items.order_id,
    items.seller_id,
    sum(items.price)::decimal(18, 2) as amount,
    sum(items.freight_value)::decimal(18, 2) as freight,
    first(
        coalesce(categories.product_category_name_english, products.product_category_name)
        order by items.price desc, items.order_item_id asc
    ) as category
from items
left join products on items.product_id = products.product_id
left join categories on products.product_category_name = categories.product_category_name
group by items.order_id, items.seller_id;
