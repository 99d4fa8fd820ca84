"""Night after night: whatever happens in the source, what has landed is what it said at the end of each day."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.ingest.sources.deployment import Deployment
from tradeline.business_days import day_end
from tradeline.database import Limits, connect
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

FIRST = date(2024, 3, 8)
ZONE = "America/New_York"  # whose clocks change in the night to the tenth of March
NIGHTS = 6
ORDERS = {
    "order_id": "id",
    "seller_id": "'s' || seller",
    "buyer_id": "'b'",
    "status": "status",
    "ordered_at": "ordered_at",
    "paid_at": "paid_at",
    "amount": "total",
}
QUERY = """
    with orders as (select * from Orders where status <> 'draft')
    select o.id as order_id, 's' || o.seller as seller_id, 'b' as buyer_id, o.status, o.ordered_at, o.paid_at,
        (select sum(price) from lines where order_no = o.id) as amount, o.updated_at as changed_at
    from orders as o
"""
WAYS: dict[str, dict[str, Any]] = {
    "compared": {"read": {"orders": {"table": "orders"}}, "tables": {"orders": {"of": "orders", "columns": ORDERS}}},
    "by updated_at": {
        "read": {"orders": {"table": "orders", "updated_at": "updated_at"}},
        "tables": {"orders": {"of": "orders", "columns": ORDERS}},
    },
    "with lines": {
        "read": {
            "orders": {"table": "orders", "updated_at": "updated_at"},
            "lines": {"table": "order_lines", "belongs_to": "orders", "on": {"order_no": "id"}},
        },
        "tables": {"orders": {"query": QUERY}},
    },
}


@dataclass
class Market:
    """A source that changes at random; ``ends`` is what it said at the end of each day."""

    shop: Deployment
    draw: random.Random
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    booked: list[tuple[int, datetime]] = field(default_factory=list)

    def live(self, start: datetime, end: datetime) -> None:
        """Let orders come, be paid and be cancelled between two moments."""
        moments = sorted(start + (end - start) * self.draw.random() for _ in range(self.draw.randrange(1, 8)))
        for moment in (each.replace(microsecond=0) for each in moments):
            if not self.rows or self.draw.random() < 0.5:
                number = len(self.rows) + 1
                row: dict[str, Any] = {
                    "id": number,
                    "seller": number % 3,
                    "status": "created",
                    "ordered_at": moment,
                    "paid_at": None,
                }
                self.rows[number] = row | {"total": self.draw.randrange(1, 99), "updated_at": moment}
            else:
                row = self.rows[self.draw.choice(list(self.rows))]
                row["updated_at"] = moment
                if row["status"] == "created":
                    row |= {"status": "paid", "paid_at": moment}
                elif self.draw.random() < 0.5:
                    row["status"] = "cancelled" if row["status"] == "paid" else "paid"  # and back again
                else:
                    row["total"] += 1
            self.booked.append((len(self.booked) + 1, moment))

    def save(self) -> None:
        """Write it as the tables of the source."""
        path = self.shop.settings.sources / "market.duckdb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        with connect(Limits(1), path) as connection:
            connection.execute(
                "create table orders (id int, seller int, status varchar, ordered_at timestamp, paid_at timestamp,"
                " total decimal(9, 2), updated_at timestamp); create table order_lines (order_no int, price int);"
                "create table bookings (no int, seller int, booked_at timestamp)"
            )
            for row in self.rows.values():
                connection.execute("insert into orders values (?, ?, ?, ?, ?, ?, ?)", list(row.values()))
                connection.execute(
                    "insert into order_lines values (?, ?), (?, 1)", [row["id"], row["total"] - 1, row["id"]]
                )
            for number, at in self.booked:
                connection.execute("insert into bookings values (?, 1, ?)", [number, at])

    def said(self) -> dict[str, tuple[Any, ...]]:
        """By key what it says now."""
        return {str(key): (row["status"], row["paid_at"], row["total"]) for key, row in self.rows.items()}


def newest(shop: Deployment) -> dict[str, tuple[Any, ...]]:
    """By key the version that landed last."""
    rows = shop.landed("orders", "order_id::varchar, status, paid_at, amount")
    return {key: (status, paid, float(amount)) for key, status, paid, amount in rows}


@pytest.fixture
def market(tmp_path: Any) -> Callable[[int], Market]:
    """A market of a seed, in a deployment in New York."""

    def make(seed: int) -> Market:
        return Market(Deployment(Settings(home=tmp_path / str(seed), timezone=ZONE)), random.Random(seed))

    return make


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [1, 2])
def test_what_landed_last_is_what_the_source_said(market: Callable[[int], Market], way: str, seed: int) -> None:
    """At the end of each day, for every order that has not changed again before it was read."""
    shop = (source := market(seed)).shop
    shop.map(kind="duckdb", url="market.duckdb", **WAYS[way])
    for number in range(NIGHTS):
        night = FIRST + timedelta(days=number)
        end = day_end(ZONE, night)
        source.live(end - timedelta(hours=22), end)
        said = source.said()
        source.live(end + timedelta(minutes=1), end + timedelta(hours=1))  # after midnight, before it is read
        source.save()
        if source.draw.random() < 0.2:
            continue  # a night that is missed
        shop.land(night)
        assert shop.land(night).was_landed
        found, after = newest(shop), source.said()
        calm = [key for key in said if after[key] == said[key]]
        assert {key: found[key] for key in calm} == {key: said[key] for key in calm}
        assert all(
            day_end(ZONE, arrived) > ordered for arrived, ordered in shop.landed("orders", "arrived_on, ordered_at")
        )
        assert all(
            paid is None or day_end(ZONE, arrived) > paid
            for arrived, paid in shop.landed("orders", "arrived_on, paid_at")
        )
    last = FIRST + timedelta(days=NIGHTS)
    source.save()
    shop.land(last)
    assert newest(shop) == source.said()


@pytest.mark.parametrize("way", ["by updated_at", "with lines"])
def test_a_night_reads_what_is_new_alone(market: Callable[[int], Market], way: str) -> None:
    shop = (source := market(3)).shop
    shop.map(kind="duckdb", url="market.duckdb", **WAYS[way])
    source.live(day_end(ZONE, FIRST) - timedelta(days=2), day_end(ZONE, FIRST) - timedelta(hours=2))
    source.save()
    first = shop.land(FIRST)
    assert first.read_rows >= len(source.rows) > 1
    report = shop.land(FIRST + timedelta(days=1))
    assert (report.read_rows, report.rows) == (0, {"orders": 0})
    assert shop.land(FIRST + timedelta(days=1), again=True).rows == {"orders": len(source.rows)}


@pytest.mark.parametrize("way", ["by updated_at", "with lines"])
def test_a_transaction_that_ends_late_is_found_by_the_overlap_and_nothing_lands_twice(
    market: Callable[[int], Market], way: str
) -> None:
    shop = (source := market(4)).shop
    shop.map(kind="duckdb", url="market.duckdb", **WAYS[way])
    end = day_end(ZONE, FIRST)
    for number in (899, 900):
        late = end - timedelta(minutes=30)
        row = {"id": number, "seller": 1, "status": "paid", "ordered_at": late, "paid_at": late, "total": 7}
        source.rows[number] = row | {"updated_at": late}
        source.save()  # the second is committed only after the first night was read
        assert shop.land(FIRST + timedelta(days=number - 899)).rows == {"orders": 1}
    assert shop.land(FIRST + timedelta(days=2)).rows == {"orders": 0}
    assert newest(shop) == source.said()


@pytest.mark.parametrize("way", ["by updated_at", "with lines"])
def test_at_first_a_row_that_changed_since_midnight_keeps_its_history(
    market: Callable[[int], Market], way: str
) -> None:
    shop = (source := market(5)).shop
    shop.map(kind="duckdb", url="market.duckdb", **WAYS[way])
    end = day_end(ZONE, FIRST)
    ordered, paid = end - timedelta(days=3, hours=1), end - timedelta(days=1, hours=1)
    row = {"id": 1, "seller": 1, "status": "cancelled", "ordered_at": ordered, "paid_at": paid, "total": 7}
    source.rows[1] = row | {"updated_at": end + timedelta(minutes=5)}
    source.save()
    shop.land(FIRST)
    history = [(FIRST - timedelta(days=3), "created"), (FIRST - timedelta(days=1), "paid")]
    assert shop.landed("orders", "arrived_on, status") == history
    shop.land(FIRST + timedelta(days=1))
    assert shop.landed("orders", "arrived_on, status") == [*history, (FIRST + timedelta(days=1), "cancelled")]


@pytest.mark.parametrize("column", ["no", "booked_at"])
def test_what_only_grows_lands_once(market: Callable[[int], Market], column: str) -> None:
    shop = (source := market(6)).shop
    columns = {"payment_id": "no", "seller_id": "'s1'", "direction": "'in'", "kind": "'sale'", "amount": "1"}
    shop.map(
        kind="duckdb",
        url="market.duckdb",
        read={"bookings": {"table": "bookings", "append": column}},
        tables={"payments": {"of": "bookings", "columns": columns | {"occurred_at": "booked_at"}}},
    )
    for number in range(NIGHTS):
        night = FIRST + timedelta(days=number)
        end = day_end(ZONE, night)
        source.live(end - timedelta(hours=22), end + timedelta(hours=1) * (number % 2))
        source.save()
        shop.land(night)
        by_now = [key for key, at in source.booked if at < end]
        assert sorted(int(key) for (key,) in shop.landed("payments", "payment_id")) == by_now
        assert all(day_end(ZONE, day) > at for day, at in shop.landed("payments", "arrived_on, occurred_at"))


def test_a_table_that_shares_a_read_misses_nothing_while_it_was_out(market: Callable[[int], Market]) -> None:
    shop = (source := market(7)).shop
    both = WAYS["by updated_at"]
    sellers_of = {
        "query": "select any_value(seller) as seller_id, 'business' as seller_type, min(ordered_at) as "
        "registered_at from orders group by seller"
    }
    with_sellers = both | {"tables": both["tables"] | {"sellers": sellers_of}}
    end = day_end(ZONE, FIRST)
    for number, mapping in enumerate((with_sellers, {**both, "tables": {"sellers": sellers_of}}, with_sellers)):
        shop.map(kind="duckdb", url="market.duckdb", **mapping)
        source.live(end + timedelta(days=number, hours=-20), end + timedelta(days=number))
        source.save()
        shop.land(FIRST + timedelta(days=number))
    assert newest(shop) == source.said()
