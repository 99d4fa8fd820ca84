with orders as (
    select * from {{ ref("recent_orders") }}
),

regions as (
    select
        seller_id,
        as_of,
        buyer_region,
        sum(orders * amount) as paid_amount
    from orders
    where buyer_region is not null
    group by seller_id, as_of, buyer_region
),

final as (
    select
        seller_id,
        as_of,
        count(*) as buyer_regions_90d,
        max(paid_amount) as top_region_amount_90d,
        sum(paid_amount) as known_region_amount_90d
    from regions
    group by seller_id, as_of
)

select * from final
