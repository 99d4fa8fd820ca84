with spine as (
    select * from {{ ref("feature_spine") }}
),

sellers as (
    select * from {{ ref("stg_sellers") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        coalesce(sellers.industry, 'unknown') as industry
    from spine
    inner join sellers
        on
            sellers.seller_id = spine.seller_id
            and sellers.arrived_on <= spine.as_of
            and (sellers.superseded_on is null or sellers.superseded_on > spine.as_of)
)

select * from final
