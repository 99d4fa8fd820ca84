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
            and {{ is_known_version("sellers", "spine.as_of") }}
)

select * from final
