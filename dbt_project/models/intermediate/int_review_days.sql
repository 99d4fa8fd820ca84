{{ config(materialized="partials") }}

with changes as (
    select * from {{ ref("int_review_changes") }}
),

partials as (
    select
        seller_id,
        reviewed_on as event_on,
        changed_on as arrived_on,
        {{ signed_sum("reviews") }},
        {{ signed_sum("rating_sum", "rating") }},
        {{ signed_sum("low_ratings", condition="rating <= 2") }},
        {{ signed_sum("five_star_ratings", condition="rating = 5") }},
        {{ signed_sum("fast_five_star_ratings", condition="is_fast_five_star") }}
    from changes
    group by seller_id, reviewed_on, changed_on
),

final as (
    select *
    from partials
    where {{ any_measure(review_measures()) }}
)

select * from final
