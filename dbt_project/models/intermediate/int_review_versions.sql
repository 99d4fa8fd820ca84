-- Every version of a review, and whether it was a fast one when it arrived.
{{ config(materialized="view") }}

with reviews as (
    select * from {{ ref("stg_reviews") }}
),

fast as (
    select * from {{ ref("int_review_fast") }}
),

final as (
    select
        reviews.review_id,
        reviews.order_id,
        reviews.seller_id,
        reviews.rating,
        reviews.reviewed_on,
        reviews.arrived_on,
        fast.review_id is not null as is_fast_five_star
    from reviews
    left join fast
        on
            fast.review_id = reviews.review_id
            and fast.order_id = reviews.order_id
            and fast.seller_id = reviews.seller_id
            and fast.arrived_on = reviews.arrived_on
)

select * from final
