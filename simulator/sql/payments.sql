-- Movements that arrive in the block: those of the block itself and those that came late from earlier ones.
with arriving as (
    select
        *,
        unnest(if(again_days is null, [first_arrival], [first_arrival, first_arrival + again_days])) as arrival
    from ledger
    where cents <> 0
),

final as (
    select
        second as place,
        payment_id,
        seller_name(seller) as seller_id,
        order_name(order_no) as order_id,
        counterparty_id,
        if(cents > 0, 'in', 'out') as direction,
        kind,
        method,
        money(abs(cents)) as amount,
        moment(second) as occurred_at,
        money(balance_cents) as balance_after,
        arrival
    from arriving
    where arrival between getvariable('first_day') and getvariable('last_day')
)

select * from final
