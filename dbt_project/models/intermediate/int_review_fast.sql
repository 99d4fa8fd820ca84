-- Versions of reviews with 5 stars less than 24 hours after delivery, the order as known on the night of the review.
-- What an order said 30 nights of arrivals ago or longer is not looked up: its review is no fast one.
{{ config(materialized="partials", slices=4) }}
{%- set oldest = dbt.dateadd("day", -30, date_literal(var("arrived_from"))) %}

with reviews as (
    select *
    from {{ ref("stg_reviews") }}
    where rating = 5 and {{ is_rebuilt("arrived_on") }} and {{ is_in_slice("seller_id") }}
),

orders as (
    select *
    from {{ ref("stg_orders") }}
    where
        arrived_on > cast({{ oldest }} as date)
        and arrived_on <= {{ date_literal(var("arrived_to")) }}
        and {{ is_in_slice("seller_id") }}
),

known as (
    select
        reviews.review_id,
        reviews.order_id,
        reviews.seller_id,
        reviews.arrived_on,
        reviews.reviewed_at,
        orders.delivered_at,
        row_number() over (
            partition by reviews.review_id, reviews.order_id, reviews.seller_id, reviews.arrived_on
            order by orders.arrived_on desc
        ) as recency
    from reviews
    inner join orders
        on
            orders.order_id = reviews.order_id
            and orders.seller_id = reviews.seller_id
            and orders.arrived_on <= reviews.arrived_on
            and orders.arrived_on > cast({{ dbt.dateadd("day", -30, "reviews.arrived_on") }} as date)
),

final as (
    select
        review_id,
        order_id,
        seller_id,
        arrived_on
    from known
    where recency = 1 and reviewed_at < {{ dbt.dateadd("hour", 24, "delivered_at") }}
)

select * from final
