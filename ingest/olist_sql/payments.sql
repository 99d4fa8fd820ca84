-- Each payment of an order is shared among its sellers by price plus freight; the cents that rounding down leaves go
-- one by one to the largest remainders, so that the shares add up to the payment exactly.
with weights as (
    select
        order_id,
        seller_id,
        (100 * (amount + freight))::bigint as weight,
        (sum(100 * (amount + freight)) over (partition by order_id))::bigint as total_weight
    from order_sellers
),

shares as (
    select
        payments.order_id,
        payments.payment_sequential,
        payments.payment_type,
        weights.seller_id,
        (100 * payments.payment_value)::bigint as cents,
        (100 * payments.payment_value)::bigint * weights.weight // weights.total_weight as share_cents,
        (100 * payments.payment_value)::bigint * weights.weight % weights.total_weight as remainder
    from payments
    inner join weights on payments.order_id = weights.order_id
),

ranked as (
    select
        *,
        cents - sum(share_cents) over (partition by order_id, payment_sequential) as cents_left,
        row_number() over (
            partition by order_id, payment_sequential order by remainder desc, seller_id asc
        ) as remainder_rank,
        row_number() over (partition by order_id, payment_sequential order by seller_id) as seller_no
    from shares
)

select
    concat_ws('-', ranked.order_id, ranked.payment_sequential, ranked.seller_no) as payment_id,
    ranked.seller_id,
    ranked.order_id,
    timeline.buyer_id as counterparty_id,
    'in' as direction,
    'sale' as kind,
    nullif(ranked.payment_type, 'not_defined') as method,
    ((ranked.share_cents + if(ranked.remainder_rank <= ranked.cents_left, 1, 0))::decimal(18, 0) / 100)::decimal(18, 2)
        as amount,
    coalesce(timeline.paid_at, timeline.ordered_at) as occurred_at,
    day_of(coalesce(timeline.paid_at, timeline.ordered_at)) as arrived_on
from ranked
inner join timeline on ranked.order_id = timeline.order_id
order by arrived_on, payment_id
