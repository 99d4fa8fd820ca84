-- One version of each order and seller for every day on which something became known: the state at that day's end.
with days as (
    select
        order_id,
        -- list_distinct leaves nulls out
        unnest(
            list_distinct(
                [day_of(ordered_at), day_of(paid_at), day_of(shipped_at), day_of(delivered_at), day_of(cancelled_at)]
            )
        ) as arrived_on
    from timeline
),

known as (
    select
        days.order_id,
        days.arrived_on,
        timeline.buyer_id,
        timeline.buyer_region,
        timeline.ordered_at,
        timeline.promised_at,
        if(day_of(timeline.paid_at) <= days.arrived_on, timeline.paid_at, null) as paid_at,
        if(day_of(timeline.shipped_at) <= days.arrived_on, timeline.shipped_at, null) as shipped_at,
        if(day_of(timeline.delivered_at) <= days.arrived_on, timeline.delivered_at, null) as delivered_at,
        if(day_of(timeline.cancelled_at) <= days.arrived_on, timeline.cancelled_at, null) as cancelled_at
    from days
    inner join timeline on days.order_id = timeline.order_id
)

select
    known.order_id,
    order_sellers.seller_id,
    known.buyer_id,
    case
        when known.cancelled_at is not null then 'cancelled'
        when known.delivered_at is not null then 'delivered'
        when known.shipped_at is not null then 'shipped'
        when known.paid_at is not null then 'paid'
        else 'created'
    end as status,
    known.ordered_at,
    known.paid_at,
    known.shipped_at,
    known.promised_at,
    known.delivered_at,
    known.cancelled_at,
    order_sellers.amount,
    order_sellers.freight,
    order_sellers.category,
    known.buyer_region,
    known.arrived_on
from known
inner join order_sellers on known.order_id = order_sellers.order_id
order by known.arrived_on, known.order_id, order_sellers.seller_id
