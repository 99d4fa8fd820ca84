-- Whose shops belong together, as known on as_of; owners of the spine's sellers with two shops or more.
with spine as (
    select * from {{ ref("feature_spine") }}
),

sellers as (
    select * from {{ ref("stg_sellers") }}
    where owner_id is not null
),

owners as (
    select distinct
        sellers.owner_id,
        spine.as_of
    from spine
    inner join sellers
        on
            sellers.seller_id = spine.seller_id
            and {{ is_known_version("sellers", "spine.as_of") }}
),

shops as (
    select
        owners.owner_id,
        owners.as_of,
        sellers.seller_id,
        sellers.status as seller_status,
        count(*) over (partition by owners.owner_id, owners.as_of) as shops
    from owners
    inner join sellers
        on
            sellers.owner_id = owners.owner_id
            and {{ is_known_version("sellers", "owners.as_of") }}
),

final as (
    select *
    from shops
    where shops > 1
)

select * from final
