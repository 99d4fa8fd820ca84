"""The training set knows no more than it may: features the decision day, labels the training day."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ml.outlook import first_model_on
from tests.dbt_project.later import key_of, one_per_night, with_later_arrivals
from tests.dbt_project.naive.known import in_zone
from tests.dbt_project.naive.labels import naive_labels, naive_loans, naive_losses, naive_vintages
from tests.dbt_project.random_market import FIRST_ON, LAST_ON, Version, random_market, write_raw
from tradeline.contracts.label import load_label
from tradeline.dbt import build, run_dbt
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


# In this market loans have matured by the day from which rows are injected.
SEED = 5
LABEL_COLUMNS = "seller_id, as_of, is_default, is_indeterminate, is_early_payment_default"
# The label that the training set has where one loan is enough, and where no number is.
MINIMUM_OF = {"loan_default": 1, "cash_flow_replay": 1_000_000}

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Markets:
    """One market as it was, and with rows injected on the night after ``as_of``, a decision day."""

    plain: Settings
    injected: Settings
    as_of: date


@pytest.fixture(scope="module")
def markets(tmp_path_factory: pytest.TempPathFactory) -> Markets:
    versions = random_market(SEED)
    as_of = sorted(day for day in map(_decided_on, versions) if day and day < LAST_ON - timedelta(days=185))[-3]
    later = with_later_arrivals(versions, random_market(SEED + 100), as_of)
    # In the end each loan is told as it was, so that both have the same decisions to be held side by side.
    loans = {key_of(each): each for each in versions if each.table == "loans"}
    as_they_were = [replace(loan, arrived_on=LAST_ON) for loan in loans.values()]
    plain, injected = (Settings(home=tmp_path_factory.mktemp(name)) for name in ("plain", "injected"))
    for settings, rows in ((plain, versions), (injected, one_per_night(later + as_they_were))):
        write_raw(settings, rows)
        nights = {"arrived_from": FIRST_ON.isoformat(), "arrived_to": LAST_ON.isoformat(), "as_ofs": []}
        build(settings, "nights", "seller_marts", nights)
    return Markets(plain, injected, as_of)


def _decided_on(version: Version) -> date | None:
    """The decision day of a loan that was paid out."""
    if version.table != "loans" or version.row["status"] != "disbursed":
        return None
    return version.row["applied_at"].date() - timedelta(days=1)  # type: ignore[no-any-return]


def known_on(patch: pytest.MonkeyPatch, training_as_of: date, label_kind: str) -> dict[str, Any]:
    """The variables of a training set as of a day; the label is one that has rows of this kind."""
    label = load_label().model_copy(update={"loans_minimum_matured": MINIMUM_OF[label_kind]})
    patch.setattr("tradeline.dbt.load_label", lambda: label)
    return {"training_as_of": training_as_of.isoformat(), "spine_kind": "training"}


def rows_of(settings: Settings, query: str) -> list[Row]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return sorted(connection.execute(query).fetchall(), key=repr)


@pytest.mark.parametrize("label_kind", MINIMUM_OF)
def test_what_arrives_after_the_decision_day_changes_no_training_feature(
    markets: Markets, label_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit, although labels and later decisions change: every row told otherwise, new rows of any day."""
    features: list[dict[Row, Row]] = []
    for settings in (markets.plain, markets.injected):
        build(settings, "training", "training", known_on(monkeypatch, LAST_ON, label_kind))
        rows = rows_of(settings, "select seller_id, as_of, * from training.training_features")
        features.append({row[:2]: row[2:] for row in rows})
    plain, injected = features
    before = {key for key in plain if key[1] <= markets.as_of}
    assert len(before) >= 5 and (label_kind == "cash_flow_replay" or max(day for _, day in before) == markets.as_of)
    assert {key: injected[key] for key in before} == {key: plain[key] for key in before}
    after = plain.keys() - before
    assert {key: injected[key] for key in after} != {key: plain[key] for key in after}


@pytest.mark.parametrize("label_kind", MINIMUM_OF)
def test_labels_know_only_what_arrived_by_the_training_day(
    markets: Markets, label_kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = ("loan_outcomes", "loan_vintages", "loan_labels", "replay_labels", "training_spine")
    found: list[list[list[Row]]] = []
    for settings in (markets.plain, markets.injected):
        run_dbt(settings, "labels", ["run", "--select", *tables], known_on(monkeypatch, markets.as_of, label_kind))
        found.append([rows_of(settings, f"from training.{table}") for table in tables])
    plain, injected = found
    assert all(plain)
    assert rows_of(markets.plain, "select distinct label_kind from training.training_spine") == [(label_kind,)]
    assert injected == plain


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_labels_vintages_and_losses_equal_a_naive_recomputation(
    zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = [_of_market(seed, version) for seed in range(20) for version in random_market(seed, zone)]
    versions = [version for version in versions if version.table in ("loans", "repayments")]
    loans = naive_loans(in_zone(versions, zone))
    settings = Settings(home=tmp_path, timezone=zone)
    write_raw(settings, versions)
    command = ["run", "--select", "+loan_labels", "loan_vintages", "loan_losses"]
    run_dbt(settings, "labels", command, known_on(monkeypatch, LAST_ON, "loan_default"))

    labels = rows_of(settings, f"select {LABEL_COLUMNS} from training.loan_labels")
    assert labels == sorted(naive_labels(loans), key=repr)
    assert all(sum(label[column] for label in labels) >= 5 for column in (2, 3, 4))
    vintages = rows_of(settings, "from training.loan_vintages")
    assert vintages == sorted(naive_vintages(loans), key=repr)
    assert {row[1] for row in vintages} == set(range(30, 361, 30))
    losses = rows_of(settings, "from training.loan_losses")
    expected = sorted(naive_losses(in_zone(versions, zone)), key=repr)
    assert [row[:4] for row in losses] == [row[:4] for row in expected]
    assert [row[4] for row in losses] == pytest.approx([row[4] for row in expected])
    assert sum(0 < row[4] < 1 for row in losses) >= 5


def _of_market(seed: int, version: Version) -> Version:
    own = {name: f"{seed}-{version.row[name]}" for name in ("seller_id", "loan_id") if name in version.row}
    return replace(version, row=version.row | own)


def test_the_first_rows_of_a_young_market_come_on_the_day_that_is_foretold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, first_on = Settings(home=tmp_path), date(2025, 1, 10)
    ready_on = first_model_on(first_on, load_label())
    days = [first_on + timedelta(days=day) for day in range((ready_on - first_on).days + 1)]
    seller = {"seller_id": "a", "seller_type": "business", "registered_at": datetime.combine(first_on, time())}
    orders = [
        {"order_id": str(day), "seller_id": "a", "buyer_id": "b", "status": "paid", "amount": Decimal(10)}
        | dict.fromkeys(("ordered_at", "paid_at"), datetime.combine(day, time(12)))
        for day in days
    ]
    arrivals = [Version("orders", day, order) for day, order in zip(days, orders, strict=True)]
    write_raw(settings, [Version("sellers", first_on, seller), *arrivals])
    nights = {"arrived_from": first_on.isoformat(), "arrived_to": ready_on.isoformat()}
    found = []
    for training_as_of, models, arrived in (
        (ready_on - timedelta(days=1), "+replay_labels", nights),
        (ready_on, "replay_labels", {}),
    ):
        variables = known_on(monkeypatch, training_as_of, "cash_flow_replay")
        run_dbt(settings, "labels", ["run", "--select", models], variables | arrived)
        found.append(rows_of(settings, "select seller_id, matures_on from training.replay_labels"))
    assert found == [[], [("a", ready_on)]]
