"""Which raw columns a feature comes from."""

import pytest

from ml.reports.features.lineage import CompiledModel, Lineage
from ml.reports.features.manifest import MartColumn, mart_columns
from tests.dbt_project.random_market import LAST_ON
from tradeline.contracts.features import MART, read_catalogue
from tradeline.contracts.raw import TABLES
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


PAID = ["orders.ordered_at", "orders.paid_at", "orders.status"]  # an order may be paid by its status alone
SALES = [*PAID, "orders.amount", "payments.amount", "payments.direction", "payments.kind"]
ORIGINS = {
    "cancellation_rate_90d": [*PAID, "orders.cancelled_at", "orders.delivered_at", "orders.shipped_at"],
    "late_delivery_rate_90d": ["orders.delivered_at", "orders.ordered_at", "orders.promised_at"],
    "sales_amount_30d": [*SALES, "payments.occurred_at"],
    "refund_amount_rate_90d": [*SALES, "payments.occurred_at", "refunds.amount", "refunds.requested_at"],
    "buyers_90d": [*PAID, "orders.buyer_id"],
    "top_buyer_share_90d": [*PAID, "orders.amount", "orders.buyer_id"],
    "low_rating_share_90d": ["reviews.rating", "reviews.reviewed_at"],
    "shrunk_rating_90d": ["reviews.rating", "reviews.reviewed_at", "sellers.industry"],
    "median_refund_days_180d": ["refunds.completed_at", "refunds.requested_at"],
    "payments_90d": ["payments.occurred_at"],
    "payout_ratio_90d": ["payments.amount", "payments.direction", "payments.kind", "payments.occurred_at"],
    "tenure_days": [*PAID, "payments.direction", "payments.kind", "payments.occurred_at", "sellers.registered_at"],
    "loans_taken": ["loans.applied_at", "loans.decided_at", "loans.disbursed_at", "loans.status"],
    "outstanding_amount": [
        "loans.disbursed_at",
        "loans.status",
        "repayments.amount_due",
        "repayments.amount_paid",
        "repayments.due_on",
        "repayments.paid_at",
    ],
    "late_arrival_share_90d": ["orders.arrived_on", "orders.ordered_at"],
    "has_refunds": ["arrivals.row_count", "arrivals.table_name"],
}


@pytest.fixture(scope="module")
def columns(built: Settings) -> dict[str, MartColumn]:
    with warehouse_lock(built):
        return mart_columns(built, LAST_ON)


@pytest.mark.parametrize("feature", ORIGINS)
def test_origins_of_a_feature(columns: dict[str, MartColumn], feature: str) -> None:
    assert list(columns[feature].origins) == sorted(ORIGINS[feature])


def test_every_feature_has_origins(columns: dict[str, MartColumn]) -> None:
    """In what lands, and in nothing else that dbt reads, such as the label's numbers."""
    assert [feature.name for feature in read_catalogue() if not columns[feature.name].origins] == []
    tables = {origin.partition(".")[0] for column in columns.values() for origin in column.origins}
    assert tables <= {table.name for table in TABLES} | {"arrivals"}


def test_steps_lead_from_the_raw_table_to_the_mart(columns: dict[str, MartColumn]) -> None:
    steps = columns["cancellation_rate_90d"].steps
    assert steps[0] == ("stg_orders",)
    assert steps[-1] == (MART,)
    assert ("int_order_days",) in steps


ITEMS = "select seller_id, kind, day, hour, amount, flag, arrived_on from raw.items"
BY_DAY = "select seller_id, kind, day, hour, sum(amount) as amount, sum(flag) as flags from m.rows group by 1, 2, 3, 4"


@pytest.mark.parametrize(
    ("sql", "origins"),
    [
        ("select sum(case when kind = 'a' then amount end) as f from m.rows", {"amount", "kind"}),
        ("select sum(amount) as f from m.rows where arrived_on < date '2024-01-01'", {"amount"}),
        ("select max(arrived_on) as f from m.rows", {"arrived_on"}),
        ("select sum(amount) as f from m.rows where day > date '2024-01-01'", {"amount", "day"}),
        ("select sum(amount) as f from m.rows where flag <> 0", {"amount"}),
        ("select row_number() over (partition by seller_id order by hour) as f from m.rows", {"hour"}),
        ("select amount as f from m.rows where hour in (select hour from m.rows where flag = 1)",
         {"amount", "hour", "flag"}),
        ("select sum(amount) as f from m.by_day", {"amount"}),
        ("select max(amount) as f from m.by_day", {"amount", "kind", "day", "hour"}),
        ("select count(case when amount > 10 then 1 end) as f from m.by_day", {"amount", "kind", "day", "hour"}),
        ("select sum(case when day > date '2024-01-01' then amount end) as f from m.by_day", {"amount", "day"}),
        ("select count(*) as f from m.by_day", {"kind", "day", "hour"}),
        ("select event, sum(case when kind = 'day' then amount end) as f from m.events group by event", {"amount"}),
        (
            "select max(case when event > 1 then f end) as f from "
            "(select event, sum(case when kind = 'day' then amount end) as f from m.events group by event) as one",
            {"amount", "day"},
        ),
        ("select sum(flags) as f from (select 0 as flags, day from m.rows union all select flag, hour from m.rows)",
         {"flag"}),
        ("select rows.amount as f from m.rows left join m.by_day on by_day.hour = rows.hour", {"amount"}),
        ("select by_day.flags as f from m.rows left join m.by_day on by_day.hour = rows.hour", {"flag", "hour"}),
    ],
)  # fmt: skip
def test_rules_of_lineage(sql: str, origins: set[str]) -> None:
    """By hand: events has each row twice, and its column event is the day of one kind and the hour of the other."""
    kinds = "(select 'day' as kind union all select 'hour' as kind) as kinds"
    event = "case kinds.kind when 'day' then day when 'hour' then hour end as event"
    models = {
        "m.rows": CompiledModel("rows", ITEMS),
        "m.by_day": CompiledModel("by_day", BY_DAY),
        "m.events": CompiledModel("events", f"select kinds.kind, amount, {event} from m.rows cross join {kinds}"),
        "m.last": CompiledModel("last", sql),
    }
    names = ("seller_id", "kind", "day", "hour", "amount", "flag", "arrived_on")
    schema = {
        "raw": {"items": dict.fromkeys(names, "integer")},
        "m": {
            "rows": dict.fromkeys(names, "integer"),
            "by_day": dict.fromkeys(("seller_id", "kind", "day", "hour", "amount", "flags"), "integer"),
            "events": dict.fromkeys(("kind", "amount", "event"), "integer"),
        },
    }
    found = Lineage(models, schema).of("m.last", "f")
    assert {raw.removeprefix("items.") for raw in found} == origins
