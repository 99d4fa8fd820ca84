-- A refund arrives when it is asked for and again when the money is back.
with versions as (
    select *, unnest(list_distinct([refund_arrival, refunded_arrival])) as arrival
    from facts
    where refund_second is not null
),

final as (
    select
        order_no as place,
        'R' || order_no as refund_id,
        order_name(order_no) as order_id,
        seller_name(seller) as seller_id,
        money(refund_cents) as amount,
        refund_reason as reason,
        moment(refund_second) as requested_at,
        if(refunded_arrival <= arrival, moment(refunded_second), null) as completed_at,
        arrival
    from versions
    where arrival between getvariable('first_day') and getvariable('last_day')
)

select * from final
