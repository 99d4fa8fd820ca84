"""The pages in docs/features are of the catalogue as it stands, and what they say can be relied on."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from ml.bootstrap import Ranking, bootstrap
from ml.catalogue import CATALOGUE, MART, read_catalogue
from ml.errors import NotEnoughData
from ml.feature_pages.auc import Auc, univariate_auc
from ml.feature_pages.lineage import Lineage, Model
from ml.feature_pages.manifest import Column, mart_columns
from ml.feature_pages.page import SIGNS, write_pages
from ml.feature_pages.statistics import describe
from tests.dbt_project.random_market import FIRST_ON, LAST_ON, random_market, write_raw
from tradeline.dbt import build
from tradeline.lock import warehouse_lock
from tradeline.settings import PROJECT, Settings

PAGES = PROJECT / "docs" / "features"
CHROMIUM = shutil.which("chromium")
SALES = ["orders.amount", "orders.paid_at", "payments.amount", "payments.direction", "payments.kind"]
ORIGINS = {
    "cancellation_rate_90d": ["orders.cancelled_at", "orders.ordered_at"],
    "late_delivery_rate_90d": ["orders.delivered_at", "orders.promised_at"],
    "sales_amount_30d": [*SALES, "payments.occurred_at"],
    "refund_amount_rate_90d": [*SALES, "payments.occurred_at", "refunds.amount", "refunds.requested_at"],
    "buyers_90d": ["orders.buyer_id", "orders.paid_at"],
    "top_buyer_share_90d": ["orders.amount", "orders.buyer_id", "orders.paid_at"],
    "low_rating_share_90d": ["reviews.rating", "reviews.reviewed_at"],
    "shrunk_rating_90d": ["reviews.rating", "reviews.reviewed_at", "sellers.industry"],
    "median_refund_days_180d": ["refunds.completed_at", "refunds.requested_at"],
    "payments_90d": ["payments.occurred_at"],
    "payout_ratio_90d": ["payments.amount", "payments.direction", "payments.kind", "payments.occurred_at"],
    "tenure_days": ["sellers.registered_at"],
    "loans_taken": ["loans.disbursed_at"],
    "outstanding_amount": ["repayments.amount_due", "repayments.amount_paid", "repayments.paid_at"],
    "late_arrival_share_90d": ["orders.arrived_on", "orders.ordered_at"],
    "has_refunds": ["arrivals.row_count", "arrivals.table_name"],
}


class Articles(HTMLParser):
    """The articles of a page: their attributes, and the definition in each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self._is_definition = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "article":
            self.found[dict(attrs)["id"] or ""] = dict(attrs) | {"definition": ""}
        self._is_definition = ("class", "definition") in attrs

    def handle_data(self, data: str) -> None:
        if self._is_definition:
            article = self.found[list(self.found)[-1]]
            article["definition"] = f"{article['definition']}{data}".strip()


def described() -> list[tuple[str, str, str, str, str]]:
    """Name, definition, family, unit and sign of each feature, straight from the catalogue."""
    models = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))["models"]
    columns: list[dict[str, Any]] = next(model["columns"] for model in models if model["name"] == MART)
    definitions = {column["name"]: " ".join(column["description"].split()) for column in columns}
    return [
        (feature.name, definitions[feature.name], feature.family, feature.unit, SIGNS[feature.expected_sign])
        for feature in read_catalogue()
    ]


def in_html(page: str) -> list[tuple[Any, ...]]:
    return [
        (name, one["definition"], one["data-family"], one["data-unit"], one["data-sign"])
        for name, one in Articles(page).found.items()
    ]


def in_markdown(page: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    family = ""
    for line in page.splitlines():
        family = line[3:].replace(" ", "_") if line.startswith("## ") else family
        if line.startswith("| `"):
            name, definition, unit, sign = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:5]]
            found.append((name.strip("`"), definition.replace("\\|", "|"), family, unit, sign))
    return found


def committed(name: str) -> str:
    assert (PAGES / name).exists(), f"docs/features/{name} is absent: run `make features`"
    return (PAGES / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with the last night's mart and a training set of a random market."""
    settings = Settings(home=tmp_path_factory.mktemp("built"))
    write_raw(settings, random_market(11))
    first, last = FIRST_ON.isoformat(), LAST_ON.isoformat()
    with warehouse_lock(settings):
        build(settings, "night", "seller_marts", {"arrived_from": first, "arrived_to": last, "as_ofs": [last]})
        build(settings, "training", "training", {"training_as_of": last, "spine_kind": "training"})
    return settings


@pytest.fixture(scope="module")
def columns(built: Settings) -> dict[str, Column]:
    with warehouse_lock(built):
        return mart_columns(built, LAST_ON)


def test_the_committed_pages_are_of_this_catalogue() -> None:
    expected = sorted(described())
    again = "the catalogue has changed: run `make features`"
    assert sorted(in_html(committed("index.html"))) == expected, again
    assert sorted(in_markdown(committed("README.md"))) == expected, again


def test_the_committed_page_needs_nothing_from_the_net() -> None:
    assert re.findall(r"https?://|<link|\bsrc=|@import|url\(", committed("index.html")) == []


def test_every_committed_plot_is_well_formed() -> None:
    plots = re.findall(r"<svg.*?</svg>", committed("index.html"), re.DOTALL)
    assert len(plots) > 2 * len(read_catalogue())
    for plot in plots:
        ElementTree.fromstring(plot)


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed")
def test_the_search_finds_in_a_browser(tmp_path: Path) -> None:
    committed("index.html")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    address = f"file://{PAGES / 'index.html'}#?q=days+delivered_at&family=service"
    command = [str(CHROMIUM), *flags, f"--user-data-dir={tmp_path}", "--dump-dom", address]
    page = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    shown = [name for name, one in Articles(page).found.items() if "hidden" not in one]
    assert "delivery_days_90d" in shown
    assert len(shown) < 10
    assert all(Articles(page).found[name]["data-family"] == "service" for name in shown)
    assert re.findall(r'<tr data-feature="(\w+)">', page) == shown


def test_pages_are_the_same_bytes_each_time(built: Settings, tmp_path: Path) -> None:
    first, second = write_pages(built, tmp_path / "first"), write_pages(built, tmp_path / "second")
    assert [page.name for page in first] == ["index.html", "README.md"]
    assert [page.read_bytes() for page in first] == [page.read_bytes() for page in second]
    assert in_html(first[0].read_text(encoding="utf-8")) == described()


def test_a_home_without_marts_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.warehouse.parent.mkdir(parents=True)
    duckdb.connect(str(settings.warehouse)).close()
    with pytest.raises(NotEnoughData, match="tradeline run"):
        write_pages(settings, tmp_path / "pages")


@pytest.mark.parametrize("feature", ORIGINS)
def test_origins_of_a_feature(columns: dict[str, Column], feature: str) -> None:
    assert list(columns[feature].origins) == sorted(ORIGINS[feature])


def test_every_feature_has_origins(columns: dict[str, Column]) -> None:
    assert [feature.name for feature in read_catalogue() if not columns[feature.name].origins] == []


def test_steps_lead_from_the_raw_table_to_the_mart(columns: dict[str, Column]) -> None:
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
        "m.rows": Model("rows", ITEMS),
        "m.by_day": Model("by_day", BY_DAY),
        "m.events": Model("events", f"select kinds.kind, amount, {event} from m.rows cross join {kinds}"),
        "m.last": Model("last", sql),
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


def test_auc_and_interval_are_those_of_the_pairs() -> None:
    """DeLong's variance by its definition, pair by pair, where every row is of another seller."""
    bad, good = [1.0, 4.0, 5.0, 7.0, 7.0, 9.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0]
    wins = [[1.0 if b > g else 0.5 if b == g else 0.0 for g in good] for b in bad]
    of_bad, of_good = [np.mean(row) for row in wins], [np.mean([row[n] for row in wins]) for n in range(len(good))]
    error = float(np.sqrt(np.var(of_bad, ddof=1) / len(bad) + np.var(of_good, ddof=1) / len(good)))
    is_bad = np.array([True] * len(bad) + [False] * len(good))
    found = univariate_auc(np.array(bad + good), is_bad, np.arange(len(is_bad)))
    assert isinstance(found, Auc)
    assert found.value == pytest.approx(float(np.mean(wins)))
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * error)


def test_interval_is_that_of_resampled_sellers() -> None:
    """400 sellers with up to 6 alike rows each: the interval agrees with the bootstrap by seller, and is the wider."""
    random = np.random.default_rng(7)
    sellers = np.repeat(np.arange(400), random.integers(1, 7, 400))
    is_bad = (random.random(400) < 0.2)[sellers]
    of_sellers = random.normal(size=400) + 0.5 * is_bad[np.searchsorted(sellers, np.arange(400))]
    values = np.asarray(of_sellers[sellers].round(1), dtype=np.float64)
    values[::50] = np.nan
    found = univariate_auc(values, is_bad, sellers)
    alone = univariate_auc(values, is_bad, np.arange(len(values)))
    assert found is not None
    assert alone is not None
    known = ~np.isnan(values)
    assert (found.rows, found.bad_rows) == (known.sum(), is_bad[known].sum())
    ranking = Ranking(is_bad[known], values[known])
    drawn = bootstrap(pd.Series(sellers[known]), lambda w: {"auc": ranking.auc_and_ks(w)[0]}, 600, seed=3)["auc"]
    assert found.high - found.value == pytest.approx(1.96 * drawn.std(), rel=0.15)
    assert found.high - found.low > 1.3 * (alone.high - alone.low)


def test_a_feature_that_hardly_varies_has_no_auc() -> None:
    is_bad = np.arange(200) < 20
    values = np.zeros(200)
    values[:4] = 1
    assert univariate_auc(values, is_bad, np.arange(200)) is None
    values[:5] = 1
    values[150:155] = 1
    assert univariate_auc(values, is_bad, np.arange(200)) is not None
    assert univariate_auc(np.full(200, np.nan), is_bad, np.arange(200)) is None


def test_statistics_count_every_seller_and_loan() -> None:
    training = pd.DataFrame({"seller_id": [f"s{n}" for n in range(60)], "is_default": [n % 6 == 0 for n in range(60)]})
    training["amount"] = [None if n % 10 == 0 else 0.0 if n % 3 == 0 else float(n) for n in range(60)]
    training["region"] = ["north" if n % 2 else None for n in range(60)]
    amount = describe(training["amount"], training, "amount")
    assert amount.distribution.missing_share == pytest.approx(0.1)
    assert amount.distribution.zero_share == pytest.approx(18 / 54)
    assert amount.distribution.quantiles[0] == 0
    assert amount.distribution.quantiles[4] == 59
    assert sum(each.sellers for each in amount.distribution.bins) == 54
    assert [(group.label, group.loans) for group in (amount.groups[0], amount.groups[-1])] == [
        ("0", 18),
        ("missing", 6),
    ]
    region = describe(training["region"], training, "region")
    assert region.distribution.counts == (("north", 30),)
    assert region.auc is None
    for found in (amount, region):
        assert sum(group.loans for group in found.groups) == 60
        assert sum(group.bad_loans for group in found.groups) == 10
