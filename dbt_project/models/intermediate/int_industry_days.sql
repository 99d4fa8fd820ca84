-- A few rows a night for all sellers together. Each seller counts in the industry in which it was known that night.
{{ config(materialized="partials") }}

with sellers as (
    select * from {{ ref("stg_sellers") }}
),

sales_days as (
    select * from {{ ref("int_sales_days") }}
),

refund_days as (
    select * from {{ ref("int_refund_days") }}
),

review_days as (
    select * from {{ ref("int_review_days") }}
),

days as (
    select
        seller_id,
        sales_source,
        event_on,
        arrived_on,
        orders,
        sales_amount,
        0 as refunds,
        0 as refund_amount,
        0 as reviews,
        0 as rating_sum,
        0 as five_star_ratings
    from sales_days
    where {{ is_rebuilt("arrived_on") }}

    union all

    select
        seller_id,
        null as sales_source,
        event_on,
        arrived_on,
        0 as orders,
        0 as sales_amount,
        refunds,
        refund_amount,
        0 as reviews,
        0 as rating_sum,
        0 as five_star_ratings
    from refund_days
    where {{ is_rebuilt("arrived_on") }}

    union all

    select
        seller_id,
        null as sales_source,
        event_on,
        arrived_on,
        0 as orders,
        0 as sales_amount,
        0 as refunds,
        0 as refund_amount,
        reviews,
        rating_sum,
        five_star_ratings
    from review_days
    where {{ is_rebuilt("arrived_on") }}
),

partials as (
    select
        coalesce(sellers.industry, 'unknown') as industry,
        days.sales_source,
        days.event_on,
        days.arrived_on,
        cast(sum(days.orders) as bigint) as orders,
        cast(sum(days.sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(days.refunds) as bigint) as refunds,
        cast(sum(days.refund_amount) as decimal(18, 2)) as refund_amount,
        cast(sum(days.reviews) as bigint) as reviews,
        cast(sum(days.rating_sum) as bigint) as rating_sum,
        cast(sum(days.five_star_ratings) as bigint) as five_star_ratings
    from days
    left join sellers
        on
            sellers.seller_id = days.seller_id
            and sellers.arrived_on <= days.arrived_on
            and (sellers.superseded_on is null or sellers.superseded_on > days.arrived_on)
    group by coalesce(sellers.industry, 'unknown'), days.sales_source, days.event_on, days.arrived_on
),

final as (
    select *
    from partials
    where {{ any_measure(industry_measures()) }}
)

select * from final
