"""The Olist archive as arrivals: nothing is known early, nothing is lost, and money adds up to the cent."""

import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from ingest.landing import scan
from ingest.olist import MEMBERS, SQL, land_olist
from tests.ingest.extract import ask, build
from tradeline.contracts.raw import BY_NAME
from tradeline.settings import Settings

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def landed(olist: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The whole archive, landed once."""
    settings = Settings(home=tmp_path_factory.mktemp("olist"))
    land_olist(settings, olist)
    return settings


@pytest.fixture(scope="module")
def dump(olist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive's members as files."""
    if olist.is_dir():
        return olist
    folder = tmp_path_factory.mktemp("dump")
    with zipfile.ZipFile(olist) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def arrivals(landed: Settings, dump: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the landed tables, as ``landed_*``, and the dump's members under their own names."""
    with duckdb.connect() as connection:
        for table in ("sellers", "orders", "payments", "reviews"):
            files = f"{landed.landing}/{table}/*/*.parquet"
            connection.execute(
                f"create table landed_{table} as from read_parquet('{files}', hive_types = {{'arrived_on': date}})"
            )
        for name, (member, _) in MEMBERS.items():
            (path,) = dump.rglob(member)
            connection.execute(f"create view {name} as from read_csv('{path}', strict_mode = true)")
        yield connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> Rows:
    return connection.execute(query).fetchall()


def test_the_whole_archive_becomes_nights(arrivals: duckdb.DuckDBPyConnection) -> None:
    assert rows(arrivals, "select count(distinct seller_id) from landed_sellers") == [(3095,)]
    assert rows(arrivals, "select count(distinct order_id) from landed_orders") == [(98666,)]
    months = rows(arrivals, "select distinct date_trunc('month', ordered_at) from landed_orders")
    with_items = (
        "select distinct date_trunc('month', order_purchase_timestamp) from orders semi join items using (order_id)"
    )
    assert set(months) == set(rows(arrivals, with_items))


def test_all_of_it_is_admitted_but_reviews_without_a_time(landed: Settings) -> None:
    nights = scan(landed.landing).nights
    build(landed, max(nights))
    assert ask(landed.warehouse, "select table_name, column_name, count(*) from raw.set_aside group by all") == [
        ("reviews", "reviewed_at", 60)
    ]
    assert ask(landed.warehouse, "select count(*) from raw.nights") == [(len(nights),)]


def test_landing_it_again_changes_nothing(landed: Settings, olist: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = scan(landed.landing)
    report = land_olist(landed, olist)
    assert report.new_files == 0
    assert scan(landed.landing) == before
    assert report.rows["sellers"] == 3095
    assert "775 orders without items are left out, with 830 payments (162,591.95 in all)" in caplog.text


@pytest.mark.parametrize("table", ["sellers", "orders", "payments", "reviews"])
def test_no_event_is_known_before_its_day(arrivals: duckdb.DuckDBPyConnection, table: str) -> None:
    events = [column.name for column in BY_NAME[table].columns if column.is_event]
    early = " or ".join(f"{event}::date > arrived_on" for event in events)
    assert rows(arrivals, f"select count(*) from landed_{table} where {early}") == [(0,)]


def test_a_status_says_no_more_than_its_times(arrivals: duckdb.DuckDBPyConnection) -> None:
    told_early = """
        select count(*) from landed_orders
        where (status = 'delivered') > (delivered_at is not null)
            or (status = 'shipped') > (shipped_at is not null)
            or (status = 'paid') > (paid_at is not null)
            or (status = 'cancelled') <> (cancelled_at is not null)
    """
    assert rows(arrivals, told_early) == [(0,)]


def test_each_version_brings_something_new_on_its_own_day(arrivals: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        arrivals,
        """
        select count(*) from landed_orders
        where arrived_on not in (
            ordered_at::date, coalesce(paid_at, ordered_at)::date, coalesce(shipped_at, ordered_at)::date,
            coalesce(delivered_at, ordered_at)::date, coalesce(cancelled_at, ordered_at)::date
        )
        """,
    ) == [(0,)]
    versions = "select count(*), count(distinct (order_id, seller_id, arrived_on)) from landed_orders"
    assert len(set(rows(arrivals, versions)[0])) == 1


def test_the_last_version_is_the_dump_s_order(arrivals: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        arrivals,
        """
        with latest as (
            select * from landed_orders
            qualify row_number() over (partition by order_id, seller_id order by arrived_on desc) = 1
        )
        select orders.order_status, latest.status, count(*)
        from latest join orders using (order_id) group by all
        """,
    )
    # Eight delivered orders have no time of delivery in the dump, so nobody can say when it was known.
    undated = [(dumped, status) for dumped, status, _ in found if dumped == "delivered" != status]
    assert sum(count for dumped, status, count in found if (dumped, status) in undated) == 8
    assert {(dumped, status) for dumped, status, _ in found} - set(undated) == {
        ("delivered", "delivered"),
        ("shipped", "shipped"),
        ("approved", "paid"),
        ("processing", "paid"),
        ("invoiced", "paid"),
        ("canceled", "cancelled"),
        ("unavailable", "cancelled"),
    }


@pytest.mark.parametrize("night", ["2017-01-20", "2017-11-24", "2018-08-13"])
def test_a_night_s_known_state_equals_the_dump_cut_at_that_night(
    arrivals: duckdb.DuckDBPyConnection, night: str
) -> None:
    """What the arrivals up to a night say of each order is what a plain reading of the dump says of it."""
    known = rows(
        arrivals,
        f"""
        select order_id, ordered_at, paid_at, shipped_at, delivered_at, sum(amount), sum(freight)
        from (
            select * from landed_orders where arrived_on <= date '{night}'
            qualify row_number() over (partition by order_id, seller_id order by arrived_on desc) = 1
        ) group by all order by order_id
        """,
    )
    cut = rows(
        arrivals,
        f"""
        with raised as (
            select order_id, order_purchase_timestamp as bought, greatest(bought, order_approved_at) as approved,
                greatest(bought, order_delivered_carrier_date) as handed,
                greatest(bought, order_delivered_carrier_date, order_delivered_customer_date) as delivered, *
            from orders
        )
        select order_id, bought,
            case when order_approved_at is not null and approved::date <= '{night}' then approved end,
            case when order_delivered_carrier_date is not null and handed::date <= '{night}' then handed end,
            case when order_delivered_customer_date is not null and delivered::date <= '{night}' then delivered end,
            sum(price)::decimal(18, 2), sum(freight_value)::decimal(18, 2)
        from raised join items using (order_id) where bought::date <= '{night}' group by all order by order_id
        """,
    )
    assert known == cut
    assert known


def test_payments_add_up_to_the_cent_for_every_order_with_items(arrivals: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        arrivals,
        """
        with dumped as (
            select order_id, sum(payment_value::decimal(18, 2)) as amount
            from payments semi join items using (order_id) group by 1
        ), shared as (select order_id, sum(amount) as amount from landed_payments group by 1)
        select count(*), count(*) filter (shared.amount is distinct from dumped.amount)
        from dumped full join shared using (order_id)
        """,
    ) == [(98665, 0)]
    total = "select sum(payment_value::decimal(18, 2)) from payments semi join items using (order_id)"
    assert rows(arrivals, "select sum(amount) from landed_payments") == rows(arrivals, total)


def test_every_seller_of_an_order_gets_its_rating(arrivals: duckdb.DuckDBPyConnection) -> None:
    expected = """
        select review_id, order_id, seller_id, review_score, review_answer_timestamp from reviews
        join (select distinct order_id, seller_id from items) using (order_id) order by all
    """
    found = "select review_id, order_id, seller_id, rating, reviewed_at from landed_reviews order by all"
    assert rows(arrivals, found) == rows(arrivals, expected)


def test_a_seller_arrives_no_later_than_its_first_row(arrivals: duckdb.DuckDBPyConnection) -> None:
    for table in ("orders", "payments", "reviews"):
        early = f"from landed_{table} t join landed_sellers s using (seller_id) where t.arrived_on < s.arrived_on"
        assert rows(arrivals, f"select count(*) {early}") == [(0,)]
    industries = "select count(*) filter (industry is not null) from landed_sellers"
    assert rows(arrivals, industries) == rows(
        arrivals, "select count(*) from deals semi join sellers using (seller_id)"
    )


def test_the_category_is_that_of_the_most_expensive_item_in_english(arrivals: duckdb.DuckDBPyConnection) -> None:
    categories = {category for (category,) in rows(arrivals, "select distinct category from landed_orders")}
    assert {"health_beauty", "toys", "auto", None} <= categories
    assert "beleza_saude" not in categories
    wrong = """
        select count(*) from landed_orders l
        where not exists (
            select 1 from items join products using (product_id) left join categories using (product_category_name)
            where items.order_id = l.order_id and items.seller_id = l.seller_id
                and coalesce(product_category_name_english, product_category_name) is not distinct from l.category
                and price = (select max(price) from items m where m.order_id = l.order_id and m.seller_id = l.seller_id)
        )
    """
    assert rows(arrivals, wrong) == [(0,)]


def test_in_brazils_time_zone_every_row_arrives_on_the_same_day_at_its_true_moment(
    arrivals: duckdb.DuckDBPyConnection, olist: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, timezone="America/Sao_Paulo")
    land_olist(settings, olist)
    keys = {"orders": "order_id, seller_id", "payments": "payment_id", "reviews": "review_id, order_id, seller_id"}
    for table, key in {**keys, "sellers": "seller_id"}.items():
        files = f"read_parquet('{settings.landing}/{table}/*/*.parquet', hive_types = {{'arrived_on': date}})"
        days = f"select {key}, arrived_on from"
        assert rows(arrivals, f"({days} landed_{table} except all {days} {files})") == []
        assert rows(arrivals, f"({days} {files} except all {days} landed_{table})") == []
    # Two hours behind UTC in the summer, three in the winter; an hour that clocks skipped is the one after it.
    query = f"""
        select distinct epoch(here.ordered_at - landed.ordered_at)::bigint // 3600, month(landed.ordered_at)
        from landed_orders as landed
        inner join read_parquet('{settings.landing}/orders/*/*.parquet', hive_types = {{'arrived_on': date}}) as here
            using (order_id, seller_id, arrived_on)
    """
    hours: dict[int, set[int]] = {}
    for ahead, month in rows(arrivals, query):
        hours.setdefault(month, set()).add(ahead)
    assert (hours[1], hours[7], hours[2], hours[10]) == ({2}, {3}, {2, 3}, {2, 3})


cents = st.integers(0, 10**7)


@effort(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.tuples(st.integers(1, 10**7), cents), min_size=1, max_size=6),
    payments=st.lists(cents, min_size=1, max_size=4),
)
def test_shares_are_proportional_and_exact_for_any_order(weights: list[tuple[int, int]], payments: list[int]) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            """
            create macro day_of(moment) as moment::date;
            create table timeline (order_id varchar, buyer_id varchar, ordered_at timestamp, paid_at timestamp);
            insert into timeline values ('o', 'b', timestamp '2018-01-01', null);
            create table order_sellers (order_id varchar, seller_id varchar, amount decimal(18, 2),
                freight decimal(18, 2));
            create table payments (order_id varchar, payment_sequential integer, payment_type varchar,
                payment_value decimal(18, 2));
            """
        )
        for number, (price, freight) in enumerate(weights):
            values = ["o", f"s{number}", Decimal(price) / 100, Decimal(freight) / 100]
            connection.execute("insert into order_sellers values (?, ?, ?, ?)", values)
        for number, value in enumerate(payments):
            connection.execute("insert into payments values ('o', ?, 'voucher', ?)", [number, Decimal(value) / 100])
        query = (SQL / "payments.sql").read_text()
        shares = connection.execute(
            f"select split_part(payment_id, '-', 2)::integer, seller_id, amount from ({query})"
        ).fetchall()
    total = sum(price + freight for price, freight in weights)
    for number, value in enumerate(payments):
        found = {seller: int(amount * 100) for sequential, seller, amount in shares if sequential == number}
        assert sum(found.values()) == value
        for seller, (price, freight) in enumerate(weights):
            assert abs(found[f"s{seller}"] - value * (price + freight) / total) < 1
