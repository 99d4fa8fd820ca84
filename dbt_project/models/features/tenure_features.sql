with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

sellers as (
    select * from {{ ref("stg_sellers") }}
),

series as (
    select * from {{ ref("sales_series") }}
),

owner_shops as (
    select * from {{ ref("owner_shops") }}
),

owner_sales as (
    select * from {{ ref("owner_windows") }}
),

-- What an owner's shops come to, so that a shop has the others' by taking its own away: linear in an owner's shops.
owned as (
    select
        owner_shops.*,
        case when owner_shops.seller_status <> 'active' then 1 else 0 end as is_inactive,
        owner_sales.sales_amount_90d
    from owner_shops
    inner join owner_sales
        on owner_sales.seller_id = owner_shops.seller_id and owner_sales.as_of = owner_shops.as_of
),

owners as (
    select
        owner_id,
        as_of,
        sum(is_inactive) as inactive_shops,
        sum(sales_amount_90d) as sales_amount_90d
    from owned
    group by owner_id, as_of
),

other_shops as (
    select
        owned.seller_id,
        owned.as_of,
        owned.shops - 1 as shops,
        owners.inactive_shops - owned.is_inactive as inactive_shops,
        owners.sales_amount_90d - owned.sales_amount_90d as sales_amount_90d
    from owned
    inner join owners on owners.owner_id = owned.owner_id and owners.as_of = owned.as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        -- A shop that has sold was open, whenever it was registered.
        cast(greatest(
            {{ dbt.datediff("sellers.registered_on", "spine.as_of", "day") }}, series.days_since_first_sale
        ) as bigint) as tenure_days,
        cast(series.days_since_first_sale as bigint) as days_since_first_sale,
        cast(series.days_since_last_sale as bigint) as days_since_last_sale,
        case when presence.has_sales then coalesce(series.days_since_last_sale, 365) >= 30 end as is_dormant,
        {{ ratio(
            "series.days_since_last_sale * (series.active_days_365d - 1)",
            "series.days_since_first_sale - series.days_since_last_sale"
        ) }} as dormancy_ratio_365d,
        sellers.seller_type,
        sellers.industry,
        sellers.region,
        sellers.status as seller_status,
        case when sellers.owner_id is not null then cast(coalesce(other_shops.shops, 0) as bigint) end as owner_shops,
        case when sellers.owner_id is not null then cast(coalesce(other_shops.inactive_shops, 0) as bigint) end
            as owner_inactive_shops,
        case
            when sellers.owner_id is not null and presence.has_sales
                then cast(coalesce(other_shops.sales_amount_90d, 0) as decimal(18, 2))
        end as owner_sales_amount_90d
    from spine
    inner join presence on presence.as_of = spine.as_of
    inner join sellers
        on
            sellers.seller_id = spine.seller_id
            and {{ is_known_version("sellers", "spine.as_of") }}
    left join series on series.seller_id = spine.seller_id and series.as_of = spine.as_of
    left join other_shops on other_shops.seller_id = spine.seller_id and other_shops.as_of = spine.as_of
)

select * from final
