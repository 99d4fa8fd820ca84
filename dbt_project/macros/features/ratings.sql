{% macro rating_features() -%}
    {% for window in [90, 365] -%}
    cast(reviews.reviews_{{ window }}d as bigint) as reviews_{{ window }}d,
    {{ ratio("reviews.rating_sum_" ~ window ~ "d", "reviews.reviews_" ~ window ~ "d") }} as average_rating_{{ window }}d,
    {{ ratio("reviews.low_ratings_" ~ window ~ "d", "reviews.reviews_" ~ window ~ "d") }} as low_rating_share_{{ window }}d,
    {% endfor -%}
    {{ ratio("reviews.five_star_ratings_90d", "reviews.reviews_90d") }} as five_star_share_90d,
    {{ ratio("reviews.rating_sum_90d", "reviews.reviews_90d") }}
    - {{ ratio("reviews.rating_sum_365d", "reviews.reviews_365d") }} as rating_change_90d,
    {{ ratio("reviews.reviews_90d", "orders.orders_delivered_90d") }} as reviews_per_order_ratio_90d
{%- endmacro %}
