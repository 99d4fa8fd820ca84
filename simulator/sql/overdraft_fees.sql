-- A fee for each day of the block that ends below zero after one that did not, by the ledger without such fees.
with closings as (
    select seller, day_of(second) as day, arg_max(balance_cents, row(second, step, number)) as cents
    from uncharged
    group by seller, day_of(second)
),

followed as (
    select
        closings.*,
        coalesce(lag(closings.cents) over (partition by seller order by day), uncharged_balances.cents) as before_cents
    from closings
    inner join uncharged_balances using (seller)
)

select
    seller, day::bigint * 86400 + 86390, 10, 'X', seller::bigint * 100000 + day, null::bigint, 'bank', 'penalty', 'bank',
    -1500::bigint
from followed
where cents < 0 and before_cents >= 0
