"""Whole nights, through the same DAGs in this process, read as a user reads them: from what is published."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingest.files import land_files
from ml.registry.champion import serving_model
from pipeline.walks import walk
from pipeline.whole_nights import run_nights
from serving.query import query
from tests.end_to_end.conftest import rows
from tests.markets import Market
from tests.serving.older_client import check_alike
from tradeline.contracts.publications import read_publications
from tradeline.errors import BadInput, GateFailed, TradelineError
from tradeline.journal import read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


PUBLISHED = ("seller_features", "credit_scores", "loan_eligibility", "seller_credit_record", "adverse_actions")


def published_nights(settings: Settings) -> list[date]:
    found = query(settings, "select distinct as_of from history.loan_eligibility order by 1")
    return [night for (night,) in found.rows]


def test_a_night_ends_in_offers_with_scores_and_reasons(built: Settings, market: Market) -> None:
    assert published_nights(built) == [market.night(9)]
    ((sellers, offers, scored, declined_without_reason),) = query(
        built,
        """select count(*), count_if(is_eligible), count(score), count_if(not is_eligible and len(reason_codes) = 0)
        from loan_eligibility""",
    ).rows
    assert (sellers, scored, declined_without_reason) == (60, 60, 0)
    assert 0 < offers < 60


def test_older_clients_read_what_is_published(built: Settings) -> None:
    check_alike(built)


def test_a_range_in_one_pass_equals_night_by_night(built: Settings, market: Market, tmp_path: Path) -> None:
    nights = [market.night(8), market.night(7)]
    at_once, one_by_one = (Settings(home=shutil.copytree(built.home, tmp_path / name)) for name in ("a", "b"))
    run_nights(at_once, {"from": nights[0].isoformat(), "to": nights[-1].isoformat()})
    for night in nights:
        run_nights(one_by_one, {"as_of": night.isoformat()})
    for table in PUBLISHED:
        for night in nights:
            assert rows(at_once, table, night) == rows(one_by_one, table, night)
    assert published_nights(at_once) == [market.night(9), *nights]


def test_a_past_night_comes_out_the_same_and_is_scored_by_the_model_of_its_time(home: Settings, market: Market) -> None:
    model_then = serving_model(home, market.night(9))
    before = {table: rows(home, table, market.night(9)) for table in PUBLISHED}
    walk(home, "seller_marts", {"as_of": market.night(0).isoformat()})
    walk(home, "credit_model", {"as_of": market.night(0).isoformat(), "force_promotion": True})
    model_now = serving_model(home, market.night(0))
    assert model_then and model_now and model_now.model_version != model_then.model_version
    run_nights(home, {"from": market.night(9).isoformat(), "to": market.night(8).isoformat()})
    assert {table: rows(home, table, market.night(9)) for table in PUBLISHED} == before
    used = query(home, "select distinct as_of, model_version from history.credit_scores order by 1").rows
    assert used == [(market.night(9), model_then.model_version), (market.night(8), model_then.model_version)]


def test_a_bad_file_publishes_nothing_and_once_mended_the_night_is_built(home: Settings, market: Market) -> None:
    night = market.night(8)
    landed = home.landing / "payments" / f"arrived_on={night}" / "data_0.csv"
    good = landed.read_text()
    landed.write_text(good.replace(",in,sale,", ",in,sail,", 1))
    before, publications = rows(home, "loan_eligibility", market.night(9)), read_publications(home)
    with pytest.raises(TradelineError, match="sail"):
        run_nights(home, {"as_of": night.isoformat()})
    assert read_publications(home) == publications
    assert rows(home, "loan_eligibility", market.night(9)) == before
    assert not landed.exists()
    landed.parent.mkdir(exist_ok=True)
    landed.write_text(good)
    run_nights(home, {"as_of": night.isoformat()})
    assert published_nights(home) == [market.night(9), night]


def test_a_failed_gate_after_the_marts_publishes_nothing(home: Settings, market: Market) -> None:
    publications = read_publications(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update marts.seller_features set tenure_days = -5 where seller_id = 'seller-003'")
    from pipeline import steps

    with pytest.raises(GateFailed, match="tenure_days"):
        steps.gate(home, "run-1", "features_out", [market.night(9)])
    with pytest.raises(TradelineError, match="tenure_days"):  # nor by hand
        walk(home, "loan_eligibility", {"as_of": market.night(9).isoformat()})
    assert read_publications(home) == publications
    assert read_journal(home)[-1].status == "failed"


def test_a_run_that_died_after_loading_is_made_up_for(home: Settings, market: Market) -> None:
    night = market.night(8)
    walk(home, "seller_marts", {"as_of": night.isoformat()})
    features = f"from marts.seller_features where as_of = '{night}' order by seller_id"
    with duckdb.connect(str(home.warehouse)) as connection:
        expected = connection.execute(features).fetchall()
        # As it is when the process was killed between load and the end of dbt.
        connection.execute("update raw.nights set built_at = null where arrived_on = ?", [night])
        connection.execute("delete from marts.seller_features where as_of = ?", [night])
    walk(home, "seller_marts", {"as_of": night.isoformat()})
    with duckdb.connect(str(home.warehouse)) as connection:
        assert connection.execute(features).fetchall() == expected
    assert len(expected) == 60


def test_training_before_the_nights_are_built_says_what_to_run(home: Settings, market: Market) -> None:
    from pipeline import steps

    with pytest.raises(TradelineError, match="run seller_marts as of"):
        steps.build_training_set(home, "run-1", market.night(5))


def test_a_market_too_young_to_train_is_published_without_scores(
    local_airflow: None, market: Market, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    land_files(settings, market.folder)
    young = date(2017, 1, 3)
    run_nights(settings, {"as_of": young.isoformat()})
    skipped = [entry for entry in read_journal(settings) if entry.step == "train"]
    assert [entry.status for entry in skipped] == ["skipped"] and "matured rows" in skipped[0].message
    assert query(settings, "select count(*) from loan_eligibility where 'NO_SCORE' = any(reason_codes)").rows[0][0] > 0
    assert query(settings, "select count(*) from loan_eligibility where is_eligible").rows == [(0,)]


def test_a_wish_that_contradicts_itself_fails_before_anything_is_done(home: Settings) -> None:
    length = len(read_journal(home))
    with pytest.raises(TradelineError, match="exclude each other"):
        walk(home, "seller_marts", {"as_of": "2018-06-21", "from": "2018-06-21", "to": "2018-06-22"})
    (entry,) = read_journal(home)[length:]
    assert (entry.step, entry.status) == ("nights", "failed")


def test_a_bad_input_is_not_retried(home: Settings) -> None:
    with pytest.raises(BadInput):
        run_nights(home, {"as_of": "2001-01-01"})


def test_by_default_no_night_from_the_future_is_built_or_published(home: Settings, market: Market) -> None:
    (first, *_) = (home.landing / "orders").glob("*/*")
    future = home.landing / "orders" / "arrived_on=2999-01-01"
    future.mkdir()
    shutil.copy(first, future)
    assert run_nights(home, {}) == [market.last_on]
    assert published_nights(home) == [market.night(9), market.last_on]
    with duckdb.connect(str(home.warehouse)) as connection:
        assert connection.execute("select max(arrived_on) from raw.nights").fetchall() == [(market.last_on,)]
    with pytest.raises(BadInput, match="still to come"):
        run_nights(home, {"as_of": "2999-01-01"})
