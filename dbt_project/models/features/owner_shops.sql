-- Whose shops belong together, as known on as_of.
with spine as (
    select * from {{ ref("feature_spine") }}
),

sellers as (
    select * from {{ ref("stg_sellers") }}
    where owner_id is not null
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        own.owner_id,
        shops.seller_id as shop_id,
        shops.status as shop_status
    from spine
    inner join sellers as own
        on
            own.seller_id = spine.seller_id
            and own.arrived_on <= spine.as_of
            and (own.superseded_on is null or own.superseded_on > spine.as_of)
    inner join sellers as shops
        on
            shops.owner_id = own.owner_id
            and shops.arrived_on <= spine.as_of
            and (shops.superseded_on is null or shops.superseded_on > spine.as_of)
)

select * from final
