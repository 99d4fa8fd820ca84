with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

orders as (
    select * from {{ ref("order_windows") }}
),

buyers as (
    select * from {{ ref("buyer_windows") }}
),

regions as (
    select * from {{ ref("buyer_regions") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {% for window in windows_of("buyers") -%}
            case when presence.has_orders then coalesce(buyers.buyers_{{ window }}d, 0) end as buyers_{{ window }}d,
        {% endfor -%}
        {{ ratio_features("repeat_buyer_share", "buyers.repeat_buyers", "buyers.buyers") }},
        {{ ratio_features("new_buyer_share", "buyers.new_buyers", "buyers.buyers") }},
        {{ ratio_features("top_buyer_share", "buyers.top_buyer_amount", "orders.paid_amount") }},
        {% for window in windows_of("buyer_concentration_ratio") -%}
            {{ ratio(
                "buyers.square_sum_" ~ window ~ "d", squared("buyers.paid_amount_" ~ window ~ "d")
            ) }} as buyer_concentration_ratio_{{ window }}d,
        {% endfor -%}
        {% for window in [90, 180] -%}
            {{ ratio("buyers.retained_buyers_" ~ window ~ "d", "buyers.earlier_buyers_" ~ window ~ "d") }}
                as retained_buyer_share_{{ window }}d,
        {% endfor -%}
        {{ ratio("buyers.top_5_buyers_amount_90d", "orders.paid_amount_90d") }} as top_5_buyer_share_90d,
        {{ ratio("buyers.buyers_90d", "buyers.earlier_buyers_90d") }} - 1 as buyers_growth_90d,
        {{ ratio("orders.orders_paid_90d", "buyers.buyers_90d") }} as orders_per_buyer_ratio_90d,
        case when presence.has_orders then coalesce(regions.buyer_regions_90d, 0) end as buyer_regions_90d,
        {{ ratio("regions.top_region_amount_90d", "regions.known_region_amount_90d") }} as top_region_share_90d
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join orders on orders.seller_id = spine.seller_id and orders.as_of = spine.as_of
    left join buyers on buyers.seller_id = spine.seller_id and buyers.as_of = spine.as_of
    left join regions on regions.seller_id = spine.seller_id and regions.as_of = spine.as_of
)

select * from final
