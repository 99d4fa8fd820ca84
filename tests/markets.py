"""A small market with loans, made by hand: enough nights to train on, few enough files to be quick."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST_ON, LAST_ON = date(2016, 11, 1), date(2018, 6, 30)
SELLERS = 60
ALL_TABLES = ("sellers", "orders", "payments", "refunds", "reviews", "loans", "repayments")

# Weak sellers (two of five) lose sales over the year and seldom repay.
# What happened in five days arrives at their end; in the last 10 days, the same day.
MARKET = """
create macro chance(a, b, c) as (hash(a, b, c) % 1000)::integer;
create macro arrival(day) as least(
    greatest(day, date '{last_on}' - 10),
    date '{first_on}' + (5 * ceil((day - date '{first_on}') / 5))::integer
);
create table shops as
select range as n, printf('seller-%03d', range) as seller_id, range % 5 < 2 as is_weak from range({sellers});

create table sellers as
select
    seller_id, if(n % 3 = 0, 'business', 'individual') as seller_type, timestamp '{first_on} 00:00:01' as registered_at,
    'industry-' || n % 4 as industry, 'region-' || n % 3 as region, 'active' as status, date '{first_on}' as arrived_on
from shops;

create table sales as
select
    seller_id, is_weak, n, day, seller_id || '-' || day as order_id,
    'buyer-' || chance(n, day, 'buyer') % 90 as buyer_id,
    (20 + chance(n, day, 'amount') / 10 + n)::decimal(18, 2) as amount
from shops, (select unnest(generate_series(date '{first_on}', date '{last_on}', interval 1 day))::date as day)
where chance(n, day, 'order') < if(is_weak, 400 - 250 * (day - date '{first_on}') / {days}, 400);

create table orders as
with versions as (
    select *, 'paid' as status, day as known_on, null as delivered_on from sales
    union all
    select *, 'delivered', day + 4, day + 4 from sales where day + 4 <= date '{last_on}'
)
select
    order_id, seller_id, buyer_id, status, day + time '10:00:00' as ordered_at, day + time '10:05:00' as paid_at,
    delivered_on + time '15:00:00' as delivered_at, day + interval 6 day as promised_at, amount,
    'category-' || n % 6 as category, arrival(known_on) as arrived_on
from versions
qualify row_number() over (partition by order_id, arrival(known_on) order by known_on desc) = 1;

create table payments as
select
    'sale-' || order_id as payment_id, seller_id, order_id, buyer_id as counterparty_id, 'in' as direction,
    'sale' as kind, amount, day + time '10:05:00' as occurred_at, arrival(day) as arrived_on
from sales;

create table refunds as
select
    'refund-' || order_id as refund_id, order_id, seller_id, amount, 'damaged' as reason,
    day + interval 5 day as requested_at, arrival(day + 5) as arrived_on
from sales where chance(n, day, 'refund') < if(is_weak, 90, 20) and day + 5 <= date '{last_on}';

create table reviews as
select
    'review-' || order_id as review_id, order_id, seller_id, buyer_id,
    least(5, greatest(1, if(is_weak, 3, 4) + chance(n, day, 'stars') % 3 - 1)) as rating,
    day + interval 5 day as reviewed_at, arrival(day + 5) as arrived_on
from sales where chance(n, day, 'review') < 500 and day + 5 <= date '{last_on}';

create table loans as
select
    seller_id || '-loan-' || nth as loan_id, seller_id, day + time '09:00:00' as applied_at,
    day + time '09:30:00' as decided_at, 'disbursed' as status, 1000.00::decimal(18, 2) as principal, 90 as term_days,
    0.18 as annual_rate, day + time '12:00:00' as disbursed_at, arrival(day) as arrived_on
from shops, (select range as nth, date '{first_on}' + 120 + (range * 15)::integer as day from range(24));

create table repayments as
with due as (
    select
        loan_id, arrived_on, nth as installment_no, (disbursed_at::date + 30 * nth)::date as due_on,
        chance(loan_id, 'is', 'bad') < if(seller_id in (select seller_id from shops where is_weak), 480, 40) as is_bad
    from loans, (select unnest([1, 2, 3]) as nth)
)
select
    loan_id, installment_no, due_on, 350.00 as amount_due, null::timestamp as paid_at, 0.00 as amount_paid,
    arrived_on
from due
union all
select loan_id, installment_no, due_on, 350.00, due_on + time '08:00:00', 350.00, arrival(due_on)
from due where not is_bad;
"""


@dataclass(frozen=True)
class Market:
    """Where the extract is and which nights it has."""

    folder: Path
    last_on: date = LAST_ON

    def night(self, days_before_last: int) -> date:
        """One of the last nights; each of the last ten days is one."""
        return self.last_on - timedelta(days=days_before_last)


def make_market(folder: Path, tables: Collection[str] = ALL_TABLES) -> Market:
    """Write the market as CSV files in the raw contract's layout, ready for ``land_files``; always the same bytes."""
    with duckdb.connect() as connection:
        days = (LAST_ON - FIRST_ON).days
        connection.execute(MARKET.format(first_on=FIRST_ON, last_on=LAST_ON, sellers=SELLERS, days=days))
        for table in tables:
            (folder / table).mkdir(parents=True)
            connection.execute(
                f"copy (from {table} order by all) to '{folder / table}' (format csv, partition_by (arrived_on), "
                "overwrite_or_ignore)"
            )
    return Market(folder)
