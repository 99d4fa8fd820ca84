-- A review rates the order, so every seller in it gets the rating. The few that seem older than their order arrive
-- with the order; those without a time arrive on the last day on which the order is heard of.
select
    reviews.review_id,
    reviews.order_id,
    order_sellers.seller_id,
    timeline.buyer_id,
    reviews.review_score::integer as rating,
    reviews.review_answer_timestamp as reviewed_at,
    day_of(greatest(
        coalesce(
            reviews.review_answer_timestamp,
            timeline.cancelled_at,
            timeline.delivered_at,
            timeline.shipped_at,
            timeline.paid_at
        ),
        timeline.ordered_at
    )) as arrived_on
from reviews
inner join timeline on reviews.order_id = timeline.order_id
inner join order_sellers on reviews.order_id = order_sellers.order_id
order by arrived_on, reviews.review_id, reviews.order_id, order_sellers.seller_id
