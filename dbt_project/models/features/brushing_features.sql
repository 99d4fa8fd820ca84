with spine as (
    select * from {{ ref("feature_spine") }}
),

presence as (
    select * from {{ ref("feature_presence") }}
),

sales as (
    select * from {{ ref("sales_windows") }}
),

orders as (
    select * from {{ ref("order_windows") }}
),

reviews as (
    select * from {{ ref("review_windows") }}
),

refunds as (
    select * from {{ ref("refund_windows") }}
),

payments as (
    select * from {{ ref("payment_windows") }}
),

buyers as (
    select * from {{ ref("buyer_windows") }}
),

network as (
    select * from {{ ref("network_windows") }}
),

shapes as (
    select * from {{ ref("brushing_orders") }}
),

reciprocal as (
    select * from {{ ref("reciprocal_orders") }}
),

returned as (
    select * from {{ ref("returned_money") }}
),

sellers as (
    select * from {{ ref("seller_industry") }}
),

industries as (
    select * from {{ ref("industry_windows") }}
),

expected as (
    select
        sellers.seller_id,
        sellers.as_of,
        {{ ratio("sales.orders_180d * industries.refunds_180d", "industries.orders_180d") }} as refunds_180d,
        {{ ratio("industries.five_star_ratings_90d", "industries.five_star_ratings_365d") }} as five_star_growth_90d
    from sellers
    inner join industries on industries.industry = sellers.industry and industries.as_of = sellers.as_of
    inner join sales on sales.seller_id = sellers.seller_id and sales.as_of = sellers.as_of
),

final as (
    select
        spine.seller_id,
        spine.as_of,
        case when presence.has_orders then cast(coalesce(shapes.peak_hour_orders_90d, 0) as bigint) end
            as peak_hour_orders_90d,
        shapes.peak_hour_orders_per_buyer_ratio_90d,
        {{ ratio("network.exclusive_amount_90d", "buyers.paid_amount_90d") }} as exclusive_buyer_sales_share_90d,
        {{ ratio("network.young_buyers_90d", "buyers.buyers_90d") }} as young_buyer_share_90d,
        {{ ratio("coalesce(reciprocal.reciprocal_orders_90d, 0)", "orders.orders_paid_90d") }}
            as reciprocal_order_share_90d,
        {{ ratio("coalesce(reciprocal.self_orders_90d, 0)", "orders.orders_paid_90d") }} as self_order_share_90d,
        {{ ratio("coalesce(returned.returned_sale_amount_90d, 0)", "payments.sale_inflow_amount_90d") }}
            as returned_money_share_90d,
        {{ ratio("orders.orders_delivered_fast_90d", "orders.orders_delivered_90d") }} as fast_delivery_share_90d,
        case
            when presence.has_orders
                then {{ ratio("reviews.fast_five_star_ratings_90d", "reviews.reviews_90d") }}
        end as fast_five_star_share_90d,
        {{ ratio("orders.orders_round_amount_90d", "orders.orders_paid_90d") }} as round_amount_share_90d,
        {{ ratio("shapes.top_digit_orders_90d", "shapes.orders_90d") }} - 0.1 as last_digit_excess_share_90d,
        case
            when presence.has_refunds and expected.refunds_180d > 0
                then (expected.refunds_180d - refunds.refunds_180d) / sqrt(expected.refunds_180d)
        end as refund_shortfall_ratio_180d,
        {{ ratio(
            ratio("reviews.five_star_ratings_90d", "reviews.five_star_ratings_365d"), "expected.five_star_growth_90d"
        ) }} as reputation_growth_ratio_90d,
        2 * {{ ratio("sales.sales_amount_60d", "sales.sales_amount_180d - sales.sales_amount_60d") }}
            as sales_jump_ratio_60d,
        2 * {{ ratio("sales.orders_60d", "sales.orders_180d - sales.orders_60d") }} as orders_jump_ratio_60d
    from spine
    inner join presence on presence.as_of = spine.as_of
    left join sales on sales.seller_id = spine.seller_id and sales.as_of = spine.as_of
    left join orders on orders.seller_id = spine.seller_id and orders.as_of = spine.as_of
    left join reviews on reviews.seller_id = spine.seller_id and reviews.as_of = spine.as_of
    left join refunds on refunds.seller_id = spine.seller_id and refunds.as_of = spine.as_of
    left join payments on payments.seller_id = spine.seller_id and payments.as_of = spine.as_of
    left join buyers on buyers.seller_id = spine.seller_id and buyers.as_of = spine.as_of
    left join network on network.seller_id = spine.seller_id and network.as_of = spine.as_of
    left join shapes on shapes.seller_id = spine.seller_id and shapes.as_of = spine.as_of
    left join reciprocal on reciprocal.seller_id = spine.seller_id and reciprocal.as_of = spine.as_of
    left join returned on returned.seller_id = spine.seller_id and returned.as_of = spine.as_of
    left join expected on expected.seller_id = spine.seller_id and expected.as_of = spine.as_of
)

select * from final
