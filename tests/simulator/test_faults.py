"""For every kind of bad day: who stops or warns, that the last publication stands, and that the right night heals."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.report import gates_folder, read_report
from ingest.admission import admit
from ingest.files import land_files
from ingest.landing import fingerprint, scan
from ingest.quarantine import list_quarantined
from pipeline import steps
from serving.query import query
from simulator.faults import KINDS, Kind, inject, mend
from simulator.faults.page import PAGE, page
from simulator.simulate import simulate
from tests.ingest.extract import LATER, NIGHT, VALID, land, plan
from tests.simulator.conftest import EVE, MARKET, ON, build_nights, copy_of, link_landing, make_nights
from tradeline.contracts.raw import BY_NAME, TABLES
from tradeline.errors import BadInput, GateFailed, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


ERRORS = {"admission": BadInput, "raw_in": GateFailed}
NEXT = ON + timedelta(days=1)
WEEK = [ON + timedelta(days=days) for days in range(8)]


def kinds(is_chosen: Callable[[Kind], bool]) -> pytest.MarkDecorator:
    """One test for each chosen kind."""
    chosen = [kind for kind in KINDS if is_chosen(kind)]
    return pytest.mark.parametrize("kind", chosen, ids=[kind.name for kind in chosen])


def outcome(kind: Kind) -> tuple[str, str]:
    return kind.expected[0].effect, kind.expected[0].where


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def fingerprints(settings: Settings) -> dict[Any, str]:
    landing = scan(settings.landing)
    return {night: fingerprint(landing.on(night)) for night in landing.nights}


def warnings(settings: Settings, run_id: str) -> str:
    """What the gates of a run warn of; that no model serves this young market is none of the fault's doing."""
    reports = [read_report(path) for path in (gates_folder(settings) / run_id).glob("*.json")]
    found = [result.message for report in reports for result in report.unmet("soft")]
    return "\n".join(message for message in found if "No model serves" not in message)


def published_nights(settings: Settings) -> list[date]:
    return [
        night for (night,) in query(settings, "select distinct as_of from history.loan_eligibility order by 1").rows
    ]


def admitted(settings: Settings, run_id: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows that a run's admission admitted, by table, wherever they came from."""
    with duckdb.connect(settings.warehouse.parent / "admission" / f"{run_id}.duckdb", read_only=True) as connection:
        return {
            table.name: connection.execute(
                f"select * exclude (source_file) from raw.{table.name} order by all"
            ).fetchall()
            for table in TABLES
        }


def heal(settings: Settings, right: Settings) -> None:
    """Land the right nights again: the same files, and nothing else in the way of them."""
    mend(settings)
    land_files(settings, right.landing)
    assert fingerprints(settings) == fingerprints(right)
    assert list_quarantined(settings) == []


@pytest.fixture(scope="session")
def right_rows(published: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """What is admitted of ``ON`` as it should be, without a warning of any gate."""
    right = copy_of(published, tmp_path_factory.mktemp("right"))
    steps.raw_gate(right, "run-1", [ON])
    assert warnings(right, "run-1") == ""
    return admitted(right, "run-1")


@kinds(lambda kind: outcome(kind)[0] == "stops")
def test_the_run_stops_the_publication_stands_and_the_right_night_is_admitted(
    home: Settings, published: Settings, right_rows: dict[str, list[tuple[Any, ...]]], kind: Kind
) -> None:
    (expected,) = kind.expected
    before, warehouse = contents(home.published), home.warehouse.read_bytes()
    inject(home, kind.name, ON)
    with pytest.raises(ERRORS[expected.where], match=re.escape(expected.says)):
        steps.raw_gate(home, "run-1", [ON])
    assert contents(home.published) == before
    assert home.warehouse.read_bytes() == warehouse
    assert published_nights(home) == [EVE]
    heal(home, published)
    admit(home, plan(home, ON), "run-2")
    assert admitted(home, "run-2") == right_rows


def test_a_night_that_was_stopped_is_published_once_it_is_simulated_again(home: Settings, published: Settings) -> None:
    for kind in ("night_sent_twice", "unknown_enum_value", "csv_latin1"):
        inject(home, kind, ON)
        with pytest.raises((BadInput, GateFailed)):
            steps.raw_gate(home, f"run-{kind}", [ON])
    simulate(home, MARKET)
    assert fingerprints(home) == fingerprints(published)
    make_nights(home, "run-1", [ON])
    assert published_nights(home) == [EVE, ON]


@kinds(lambda kind: outcome(kind) in {("warns", "admission"), ("nothing", "admission")})
def test_admission_says_so_and_the_night_is_as_it_should_be(
    home: Settings, right_rows: dict[str, list[tuple[Any, ...]]], kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    (expected,) = kind.expected
    inject(home, kind.name, ON)
    steps.raw_gate(home, "run-1", [ON])
    assert expected.says in caplog.text
    assert admitted(home, "run-1") == right_rows
    assert warnings(home, "run-1") == ""


@kinds(lambda kind: outcome(kind) == ("warns", "raw_in"))
def test_the_gate_warns(home: Settings, kind: Kind) -> None:
    (expected,) = kind.expected
    inject(home, kind.name, ON)
    steps.raw_gate(home, "run-1", [ON + timedelta(days=expected.days_later)])
    assert expected.says in warnings(home, "run-1")


def test_nights_that_only_warn_are_published(home: Settings) -> None:
    spoilt = [kind for kind in KINDS if outcome(kind) in {("warns", "raw_in"), ("warns", "features_out")}]
    nights = WEEK + [WEEK[-1] + timedelta(days=days) for days in (1, 2)]
    for kind, night in zip(spoilt, nights, strict=False):
        inject(home, kind.name, night)
    make_nights(home, "run-1", nights)
    assert warnings(home, "run-1") != ""
    assert published_nights(home) == [EVE, *nights]


@kinds(lambda kind: outcome(kind) == ("warns", "features_out"))
def test_a_night_that_does_not_come_is_noticed_the_same_night_and_the_next(
    home: Settings, published: Settings, kind: Kind
) -> None:
    inject(home, kind.name, ON)
    build_nights(home, "run-0", [ON])
    assert kind.expected[0].says in warnings(home, "run-0")
    steps.raw_gate(home, "run-1", [NEXT])
    assert kind.expected[1].says in warnings(home, "run-1")
    heal(home, published)
    steps.raw_gate(home, "run-2", [NEXT])
    assert warnings(home, "run-2") == ""


def test_a_night_a_week_late_makes_up_for_itself(home: Settings, published: Settings, tmp_path: Path) -> None:
    """Also for the sellers who were new that night: their later rows wait until it comes."""
    right = copy_of(published, tmp_path / "right")
    inject(home, "night_a_week_late", ON)
    for settings in (home, right):
        build_nights(settings, "run-1", [WEEK[-1]])
    assert f"={WEEK[-1]}" not in warnings(home, "run-1")
    assert features_of(home) == features_of(right)


def features_of(settings: Settings) -> list[tuple[Any, ...]]:
    """What the last night of the week knows of the sellers."""
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        return connection.execute(
            """
            select seller_id, orders_90d, sales_amount_90d, inflow_amount_90d, refund_rate_90d, average_rating_90d
            from marts.seller_features where as_of = ? order by seller_id
            """,
            [WEEK[-1]],
        ).fetchall()


@kinds(lambda kind: True)
def test_the_same_kind_in_the_same_night_gives_the_same_bytes(published: Settings, tmp_path: Path, kind: Kind) -> None:
    spoilt = []
    for name in ("once", "again"):
        home = Settings(home=tmp_path / name)
        link_landing(published, home)
        report = inject(home, kind.name, ON)
        assert report.written or report.removed
        spoilt.append(contents(home.landing))
    assert spoilt[0] == spoilt[1] != contents(published.landing)


@kinds(lambda kind: outcome(kind)[1] == "admission")
def test_an_extract_in_csv_is_spoilt_alike(settings: Settings, kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    for table in BY_NAME:
        land(settings, table)
        land(settings, table, night=LATER)
    inject(settings, kind.name, NIGHT)
    (expected,) = kind.expected
    if expected.effect == "stops":
        with pytest.raises(BadInput, match=re.escape(expected.says)):
            admit(settings, plan(settings), "run-1")
    else:
        admit(settings, plan(settings), "run-1")
        assert expected.says in caplog.text


def test_what_faults_added_is_removed_and_nothing_else(home: Settings, published: Settings) -> None:
    inject(home, "csv_broken_quotes", ON)
    inject(home, "night_sent_twice", NEXT)
    with pytest.raises(BadInput):
        steps.raw_gate(home, "run-1", [ON])
    added = mend(home)
    assert len(added) == 1 + len(scan(home.landing).on(NEXT))
    assert [source for source in added if re.fullmatch(f"orders/arrived_on={ON}/fault-.*csv", source)]
    assert set(fingerprints(home).items()) - set(fingerprints(published).items()) == {
        (ON, fingerprint(scan(home.landing).on(ON)))
    }


def test_a_fault_that_cannot_be_put_says_why(settings: Settings, published: Settings) -> None:
    with pytest.raises(BadInput, match="'rain' is no kind of fault; the kinds are missing_column, wrong_type"):
        inject(published, "rain", ON)
    with pytest.raises(
        BadInput, match=r"2026-07-09 has not landed in .*the landed nights are 2026-05-02 to 2026-06-30"
    ):
        inject(published, "null_key", ON + timedelta(days=19))
    land(settings, "sellers")
    land(settings, "payments")
    with pytest.raises(BadInput, match=r"null_key spoils orders, and .* has only payments, sellers"):
        inject(settings, "null_key", NIGHT)
    land(settings, "orders", night=NIGHT + timedelta(days=1))
    with pytest.raises(BadInput, match="did not land on 2018-05-01: choose a night such as 2018-05-02"):
        inject(settings, "null_key", NIGHT)


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("category_renamed", "category"),
        ("prices_times_100_in_one_industry", "industry"),
        ("column_turned_empty", "paid_at"),
    ],
)
def test_a_column_that_the_night_lacks_is_named(settings: Settings, kind: str, column: str) -> None:
    land(settings, "sellers")
    land(settings, "orders", {name: value for name, value in VALID["orders"].items() if name != "paid_at"})
    with pytest.raises(TradelineError, match=rf"{kind} cannot be made of 2018-05-01: .*{column}.*choose another kind"):
        inject(settings, kind, NIGHT)


def test_the_page_is_that_of_the_kinds() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m simulator.faults.page`"
