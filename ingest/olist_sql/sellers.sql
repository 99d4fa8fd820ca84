-- A seller arrives on the day of the closed deal or of the first order, whichever came first.
with opened as (
    select
        order_sellers.seller_id,
        least(min(timeline.ordered_at), min(deals.won_date)) as registered_at,
        min(deals.won_date) as won_at,
        min(deals.business_segment) as business_segment
    from order_sellers
    inner join timeline on order_sellers.order_id = timeline.order_id
    left join deals on order_sellers.seller_id = deals.seller_id
    group by order_sellers.seller_id
)

select
    opened.seller_id,
    'business' as seller_type,
    opened.registered_at,
    if(day_of(opened.won_at) <= day_of(opened.registered_at), opened.business_segment, null) as industry,
    sellers.seller_state as region,
    day_of(opened.registered_at) as arrived_on
from opened
left join sellers on opened.seller_id = sellers.seller_id
order by arrived_on, opened.seller_id
