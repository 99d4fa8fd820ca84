with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

buyers as (
    select * from {{ ref("buyer_windows") }}
),

network as (
    select * from {{ ref("network_windows") }}
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        {{ ratio("network.shops_of_buyers_90d", "buyers.buyers_90d") }} as shops_per_buyer_ratio_90d,
        {{ ratio("network.shared_buyers_90d", "buyers.buyers_90d") }} as shared_buyer_share_90d,
        {{ ratio("buyers.long_standing_amount_90d", "buyers.paid_amount_90d") }} as long_standing_buyer_sales_share_90d,
        case
            when presence.has_orders and presence.has_loans then coalesce(network.defaulted_shop_buyers_365d, 0)
        end as defaulted_shop_buyers_365d,
        case
            when presence.has_loans then {{ ratio("network.defaulted_shop_buyers_365d", "buyers.buyers_365d") }}
        end as defaulted_shop_buyer_share_365d,
        case
            when presence.has_loans then {{ ratio("network.defaulted_shop_amount_365d", "buyers.paid_amount_365d") }}
        end as defaulted_shop_buyer_sales_share_365d
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join buyers on buyers.seller_id = spine.seller_id and buyers.as_of = spine.as_of
    left join network on network.seller_id = spine.seller_id and network.as_of = spine.as_of
)

select * from final
