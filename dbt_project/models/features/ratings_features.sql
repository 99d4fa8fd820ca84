{%- set prior_reviews = 20 -%}
with spine as (
    select * from {{ ref("feature_spine") }}
),

sellers as (
    select * from {{ ref("seller_industry") }}
),

industries as (
    select * from {{ ref("industry_windows") }}
),

orders as (
    select * from {{ ref("order_windows") }}
),

reviews as (
    select * from {{ ref("review_windows") }}
),

ratings as (
    select
        spine.seller_id,
        spine.as_of,
        {{ sum_features("reviews", "reviews.reviews", "bigint") }},
        {{ ratio_features("average_rating", "reviews.rating_sum", "reviews.reviews") }},
        {{ ratio_features("low_rating_share", "reviews.low_ratings", "reviews.reviews") }},
        {{ ratio_features("five_star_share", "reviews.five_star_ratings", "reviews.reviews") }},
        {% for window in windows_of("shrunk_rating") -%}
            case
                -- A correction counts where its seller is by then, so a small industry's mean can leave the scale.
                when industries.reviews_{{ window }}d > 0
                    then (
                        reviews.rating_sum_{{ window }}d
                        + {{ prior_reviews }} * least(5, greatest(1, {{ ratio(
                            "industries.rating_sum_" ~ window ~ "d", "industries.reviews_" ~ window ~ "d"
                        ) }}))
                    ) / (reviews.reviews_{{ window }}d + {{ prior_reviews }})
            end as shrunk_rating_{{ window }}d,
        {% endfor -%}
        {{ ratio_features("reviews_per_order_ratio", "reviews.reviews", "orders.orders_delivered") }}
    from spine
    inner join sellers on sellers.seller_id = spine.seller_id and sellers.as_of = spine.as_of
    left join industries on industries.industry = sellers.industry and industries.as_of = spine.as_of
    left join orders on orders.seller_id = spine.seller_id and orders.as_of = spine.as_of
    left join reviews on reviews.seller_id = spine.seller_id and reviews.as_of = spine.as_of
),

final as (
    select
        *,
        average_rating_30d - average_rating_90d as rating_change_30d,
        average_rating_90d - average_rating_365d as rating_change_90d,
        low_rating_share_90d - low_rating_share_365d as low_rating_share_change_90d
    from ratings
)

select * from final
