from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from ml.errors import BadFeatures
from ml.registry import store as registry
from ml.registry.champion import append_champion
from ml.registry.store import CreditModel
from ml.score import score
from tests.ml.changed import run_after_a_change_of_settings
from tests.ml.scoring.scored import NIGHTS, fill_mart, rows_of, scored
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def test_a_change_of_settings_changes_no_score_of_a_trained_version(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame, trained: Path, tmp_path: Path
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "before")
    stored = "select seller_id, pd, score, reasons, model_version from ml.scores order by seller_id"
    before = rows_of(settings, stored)
    program = (
        "import sys; from datetime import date; from pathlib import Path; from ml.score import score; "
        "from ml.train import train; from tradeline.settings import Settings; "
        "settings = Settings(home=Path(sys.argv[1]), threads=1); score(settings, [date(2018, 8, 31)], 'after'); "
        "print(train(settings, Path(sys.argv[2]), date(2018, 8, 31), 'after', Path(sys.argv[3])).model_version)"
    )
    arguments = [str(path) for path in (settings.home, trained / "training.parquet", trained / "catalogue.yml")]
    name = run_after_a_change_of_settings(tmp_path / "changed", program, *arguments)
    assert rows_of(settings, "select distinct run_id from ml.scores") == [("after",)]
    assert rows_of(settings, stored) == before
    # The same trees on another scale are another version.
    other = registry.load(settings, name)
    assert name != model.version.model_version
    assert other.version.parts == model.version.parts
    assert (scored(other, tonight)["score"] != scored(model, tonight)["score"]).any()


def test_nights_are_scored_and_replaced_in_the_warehouse(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, pd.concat(tonight.assign(as_of=night) for night in NIGHTS))
    append_champion(settings, model.version, datetime.now(UTC))
    first = score(settings, NIGHTS, "run-1")
    assert [(night.as_of, night.seller_count) for night in first.nights] == list(
        zip(NIGHTS, (0, 400, 400), strict=True)
    )
    assert [night.model_version for night in first.nights] == [None, *[model.version.model_version] * 2]
    score(settings, NIGHTS[2:], "run-2")
    per_night = "select as_of, run_id, count(*), count(distinct seller_id) from ml.scores group by all order by as_of"
    assert rows_of(settings, per_night) == [(NIGHTS[1], "run-1", 400, 400), (NIGHTS[2], "run-2", 400, 400)]
    stored = rows_of(
        settings, "select seller_id, pd, score, reasons from ml.scores where as_of = '2018-08-31' order by 1"
    )
    expected = scored(model, tonight.sort_values("seller_id"))
    assert [row[0] for row in stored] == list(expected["seller_id"])
    assert [row[1] for row in stored] == pytest.approx(list(expected["pd"]), abs=1e-9)
    assert [row[2:] for row in stored] == list(zip(expected["score"], expected["reasons"], strict=True))


def test_pieces_of_a_night_are_scored_as_the_whole(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    stored = "select * exclude (run_id) from ml.scores order by seller_id"
    drifted = "select * exclude (run_id) from ml.stability order by all"
    score(settings, NIGHTS[1:2], "whole")
    whole = rows_of(settings, stored), rows_of(settings, drifted)
    monkeypatch.setattr("ml.score.CHUNK_ROWS", 100)
    score(settings, NIGHTS[1:2], "pieces")
    assert rows_of(settings, "select distinct run_id from ml.scores") == [("pieces",)]
    assert (rows_of(settings, stored), rows_of(settings, drifted)) == whole


def test_a_night_is_compared_with_the_first_that_the_model_scored(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    """All sellers may be unlike the borrowers who taught it: no alarm on the first night, nor on one like that."""
    days = [*NIGHTS[1:], NIGHTS[2] + timedelta(days=1)]
    unlike_training = tonight.assign(sales_amount_90d=tonight["sales_amount_90d"] * 9, late_share_90d=0.9)
    alike = unlike_training.assign(sales_amount_90d=unlike_training["sales_amount_90d"] * 1.001)
    changed = unlike_training.assign(tenure_days=1)
    nights = [frame.assign(as_of=as_of) for frame, as_of in zip((unlike_training, alike, changed), days, strict=True)]
    fill_mart(settings, pd.concat(nights))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, days, "run")
    query = "select as_of, name, before_as_of from ml.stability where band = 'alarm' and kind <> 'publication'"
    assert rows_of(settings, query) == [(days[2], "tenure_days", days[0])]
    before = rows_of(settings, "select * exclude (run_id) from ml.stability order by all")
    score(settings, days[:1], "again")
    assert rows_of(settings, "select * exclude (run_id) from ml.stability order by all") == before


def test_a_seller_twice_in_the_mart_stops_the_night(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, pd.concat([tonight, tonight.tail(1)]).assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    with pytest.raises(BadFeatures, match="1 sellers are in the features twice, s0399 among them: build the night"):
        score(settings, NIGHTS[1:2], "run")


def test_a_night_that_no_model_serves_loses_its_old_scores(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "run-1")
    (settings.models / "champion.json").unlink()
    report = score(settings, NIGHTS[1:2], "run-2")
    assert report.nights[0].model_version is None
    assert rows_of(settings, "select count(*) from ml.scores") == [(0,)]


def test_a_changed_mart_column_stops_the_run_and_keeps_the_old_scores(
    settings: Settings, model: CreditModel, tonight: pd.DataFrame
) -> None:
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]))
    append_champion(settings, model.version, datetime.now(UTC))
    score(settings, NIGHTS[1:2], "run-1")
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1]).rename(columns={"noise_rate": "noise_share"}))
    with pytest.raises(BadFeatures, match="the model needs noise_rate"):
        score(settings, NIGHTS[1:2], "run-2")
    assert rows_of(settings, "select distinct run_id, count(*) from ml.scores group by 1") == [("run-1", 400)]
    fill_mart(settings, tonight.assign(as_of=NIGHTS[1], noise_rate="high"))
    with pytest.raises(BadFeatures, match="2018-08-31: a feature that should be a number is not"):
        score(settings, NIGHTS[1:2], "run-3")
    assert rows_of(settings, "select distinct run_id, count(*) from ml.scores group by 1") == [("run-1", 400)]
