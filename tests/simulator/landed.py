"""A small market, made so that each of its statistics can be worked out by hand, as Parquet in a home's landing.

100 sellers, r = 1 to 100, sell alike often on some days; an order of seller r costs 10,000 / r. What happens to the
orders depends on the last digit of r: 0 cancels all, 1 delivers late, 3 to 6 get reviews of 5 to 2 stars, 6 refunds
all, 9 closes on the last night.
"""

from collections.abc import Collection
from datetime import date, timedelta
from pathlib import Path

import duckdb

from simulator.landed_market import landed_market
from simulator.statistics import Statistic, measure
from tradeline.settings import Settings

LAST_ON = date(2026, 6, 30)
FIRST_ON = LAST_ON - timedelta(days=391)
SINGLES_DAY = date(2025, 11, 11)
TABLES = ("sellers", "orders", "payments", "refunds", "reviews", "loans", "repayments")

MARKET = f"""
create table shops as select range as r, 'S' || range as seller_id from range(1, 101);

-- Four weeks at the start, the weeks around 11.11 and four weeks at the end, a year after the first. On a Monday twice
-- as much is sold as on other days, on 11.11 six times, and in the last weeks twice as much as a year before.
create table days as
select
    day,
    case
        when day = date '{SINGLES_DAY}' then 6
        else if(day > date '{LAST_ON}' - 28, 2, 1) * if(isodow(day) = 1, 2, 1)
    end as orders
from (select unnest(generate_series(date '{FIRST_ON}', date '{LAST_ON}', interval 1 day))::date as day)
where day < date '{FIRST_ON}' + 28 or day > date '{LAST_ON}' - 28 or abs(day - date '{SINGLES_DAY}') <= 37;

create table sales as
select
    *, row_number() over (partition by seller_id order by day, k) as number, day + time '10:00:00' as placed_at,
    seller_id || '-' || day || '-' || k as order_id
from (select r, seller_id, day, unnest(range(orders)) as k from shops, days);

create table sellers as
select
    seller_id, 'business' as seller_type, timestamp '2025-01-01' as registered_at, 'active' as status,
    date '{FIRST_ON}' as arrived_on
from shops
union all
select seller_id, 'business', timestamp '2025-01-01', 'closed', date '{LAST_ON}' from shops where r % 10 = 9;

-- Buyers: of a shop with an odd r one buyer buys everything; of the others one buys once and another all the rest.
create table orders as
select
    order_id, seller_id, seller_id || if(r % 2 = 0 and number = 1, '-once', '-often') as buyer_id,
    if(r % 10 = 0, 'cancelled', 'delivered') as status, placed_at as ordered_at, placed_at as paid_at,
    if(r % 10 = 0, null, placed_at + interval 8 hour) as delivered_at,
    placed_at + if(r % 10 = 1, interval 1 hour, interval 9 hour) as promised_at,
    (10000.0 / r)::decimal(18, 2) as amount, 0.00 as freight, day as arrived_on
from sales;

create table reviews as
select
    'review-' || order_id as review_id, order_id, seller_id, 8 - r % 10 as rating,
    placed_at + interval 10 hour as reviewed_at, day as arrived_on
from sales where r % 10 between 3 and 6 and day <= date '{LAST_ON}' - 30;

create table refunds as
select
    'refund-' || order_id as refund_id, order_id, seller_id, 10.00 as amount,
    placed_at + interval 9 hour as requested_at, day as arrived_on
from sales where r % 10 = 6
union all -- one is corrected the night after
select 'refund-' || order_id, order_id, seller_id, 11.00, placed_at + interval 9 hour, day + 1
from sales where r = 6 and number = 1;

-- Each seller's account; the fee arrives a night late and once more the night after. One balance of S1 is wrong.
create table payments as
select
    name || '-' || seller_id as payment_id, seller_id, direction, kind, amount,
    day + (hour || ' hours')::interval as occurred_at,
    (balance + if(name = 'out-2' and r = 1, 7, 0))::decimal(18, 2) as balance_after, (day + late)::date as arrived_on
from shops, (values
    ('sale-1', 'in', 'sale', 100.00, date '2025-10-06', 9, 100, 0),
    ('fee', 'out', 'fee', 5.00, date '2025-10-06', 10, 95, 1),
    ('fee', 'out', 'fee', 5.00, date '2025-10-06', 10, 95, 2),
    ('stock', 'out', 'purchase', 60.00, date '2025-10-06', 11, 35, 0),
    ('out-1', 'out', 'payout', 35.00, date '2025-10-06', 12, 0, 0),
    ('sale-2', 'in', 'sale', 100.00, date '2025-10-20', 9, 100, 0),
    ('out-2', 'out', 'payout', 100.00, date '2025-10-20', 12, 0, 0)
) as moves(name, direction, kind, amount, day, hour, balance, late);

-- 61 applications of 20 December 2025: 40 loans of 1,000 in three installments of 350, 20 declined, one not decided.
create table loans as
select
    'loan-' || r as loan_id, seller_id, timestamp '2025-12-20 09:00:00' as applied_at,
    case when r <= 40 then 'disbursed' when r <= 60 then 'declined' else 'applied' end as status,
    if(r <= 40, 1000.00, null) as principal, if(r <= 40, 0.18, null)::double as annual_rate,
    if(r <= 40, timestamp '2025-12-20 12:00:00', null) as disbursed_at, date '2025-12-20' as arrived_on
from shops where r <= 61;

-- Loans 1 to 4 pay nothing, 5 the first installment, 6 to 9 all of it early, 10 to 13 each installment 10 days late.
create table repayments as
select
    loan_id, installment_no, due_on, 350.00 as amount_due, if(is_paid, paid_on + time '08:00:00', null) as paid_at,
    if(is_paid, 350.00, 0.00) as amount_paid, date '2026-06-01' as arrived_on
from (
    select
        'loan-' || r as loan_id, installment_no, (date '2025-12-20' + 30 * installment_no)::date as due_on,
        r > 5 or (r = 5 and installment_no = 1) as is_paid,
        if(r between 6 and 9, date '2026-01-10', due_on + if(r between 10 and 13, 10, 0)) as paid_on
    from shops, (select unnest([1, 2, 3])::integer as installment_no) where r <= 40
);

-- The first order of 17 sellers is fake.
create table fake_orders as select order_id, seller_id from sales where r <= 17 and number = 1;
"""


def land_small_market(home: Path, tables: Collection[str] = TABLES, without: str = "freight") -> Path:
    """Land these tables in the home, the orders without one column; ``truth/`` of the home is returned."""
    truth = home / "truth"
    with duckdb.connect() as connection:
        connection.execute(MARKET)
        for table in tables:
            folder = home / "landing" / table
            folder.mkdir(parents=True)
            columns = f"* exclude ({without})" if table == "orders" else "*"
            connection.execute(
                f"copy (select {columns} from {table}) to '{folder}' (format parquet, partition_by (arrived_on))"
            )
        (truth / "fake_orders").mkdir(parents=True)
        connection.execute(f"copy fake_orders to '{truth}/fake_orders/0.parquet' (format parquet)")
    return truth


def market_statistics(settings: Settings, truth: Path | None = None) -> tuple[Statistic, ...]:
    """Every statistic of what has landed; the shares of fakes need the folder ``truth``."""
    with landed_market(settings, truth) as connection:
        return measure(connection)
