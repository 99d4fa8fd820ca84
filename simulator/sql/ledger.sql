-- Every movement of the block with the balance after it. At a settlement the seller takes out what exceeds the balance
-- that it keeps, or brings what is missing; so a balance depends on the last settlement and what has moved since.
with settled as (
    select seller, day::bigint * 86400 + 86000 as second, target_cents, seller::bigint * 100000 + day as number
    from settlements
),

moves as (
    select *, null::bigint as target_cents from money_moves
    union all
    select seller, second, 9, 'P', number, null, null, null, 'bank', 0, target_cents from settled
),

summed as (
    select
        *,
        sum(cents) over in_order as total_cents,
        count(target_cents) over in_order as period
    from moves
    window in_order as (partition by seller order by second, step, number rows unbounded preceding)
),

starts as (
    select seller, period, target_cents as start_cents, total_cents
    from summed
    where target_cents is not null
    union all
    select seller, 0, cents, 0 from balances
),

-- The balance that a settlement finds, of the period before it.
balanced as (
    select
        summed.*,
        found.start_cents + summed.total_cents - found.total_cents as found_cents
    from summed
    inner join starts as found
        on found.seller = summed.seller and found.period = summed.period - (summed.target_cents is not null)::integer
),

named as (
    select
        second,
        seller,
        order_no,
        origin || number as payment_id,
        hash(hash(origin, number, getvariable('seed'))) as key,
        case when target_cents is null then counterparty_id else 'bank' end as counterparty_id,
        case
            when target_cents is null then kind
            when found_cents > target_cents then 'payout'
            else 'transfer'
        end as kind,
        method,
        if(target_cents is null, cents, target_cents - found_cents)::bigint as cents,
        coalesce(target_cents, found_cents)::bigint as balance_cents,
        step,
        number
    from balanced
),

final as (
    select
        *,
        day_of(second) + lateness(key, 60) as first_arrival,
        case
            when uniform(key, 61) < getvariable('sent_twice_share') then 0
            when uniform(key, 61) < getvariable('sent_twice_share') + getvariable('sent_again_share') then 1
        end as again_days
    from named
)

select * from final
