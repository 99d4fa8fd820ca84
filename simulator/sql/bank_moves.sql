-- The movements of the block as a bank sees them: a business gets its sales of a day as one settlement, individuals some
-- in cash; nobody names an order. Rents and salaries come to it.
with moves as (
    select
        money_moves.*,
        sellers.is_business,
        0.5 * uniform(money_moves.seller, 70) as cash_share
    from money_moves
    inner join sellers using (seller)
),

settled as (
    select
        seller, day_of(second) as day, sum(cents) as cents
    from moves
    where is_business and kind = 'sale'
    group by seller, day_of(second)
),

final as (
    select
        seller, second, step, origin, number, null::bigint as order_no, counterparty_id, kind,
        case
            when uniform(hash(origin, number), 71) >= cash_share or is_business then method
            when kind in ('sale', 'purchase') then 'cash'
            else method
        end as method,
        cents
    from moves
    where not (is_business and kind = 'sale')

    union all

    select
        seller, day::bigint * 86400 + 75600, 4, 'D', seller::bigint * 100000 + day, null, 'acquirer', 'settlement', 'bank',
        cents
    from settled

    union all

    select
        seller, day::bigint * 86400 + 21600, if(kind = 'salary', 3, 4), if(kind = 'salary', 'W', 'H'), seller::bigint * 100000 + day, null,
        if(kind = 'salary', 'employer-', 'landlord-') || seller, kind, 'bank', cents
    from account_moves
)

select * from final
