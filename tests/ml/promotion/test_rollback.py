"""An earlier version serves again; nothing of the history is lost by it."""

import json
import random
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from ml.errors import BadFeatures, BadModel
from ml.promotion.promote import promote_or_keep
from ml.promotion.rollback import roll_back
from ml.registry import store as registry
from ml.registry.champion import append_champion, serving_model
from ml.registry.pointer import Cause, Champion, read_champion
from ml.score import score
from tests.ml.synthetic import write_catalogue
from tests.ml.trained import AUGUST, FEATURES, JULY, JUNE, SEPTEMBER, market, train_version
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NOW = datetime(2018, 10, 1, tzinfo=UTC)
CAUSE = Cause(by="risk", reason="declines too many")
LATER = date(2019, 1, 1)
Names = tuple[str, str, str]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Names]:
    settings = Settings(home=tmp_path_factory.mktemp("trained"), threads=1)
    june, july, august = (
        train_version(settings, day, market(seed)) for day, seed in ((JUNE, 7), (JULY, 8), (AUGUST, 9))
    )
    return settings.models, (june, july, august)


@pytest.fixture
def versions(settings: Settings, trained: tuple[Path, Names]) -> Names:
    """Versions trained as of June, July and August, not yet promoted."""
    shutil.copytree(trained[0], settings.models)
    return trained[1]


@pytest.fixture
def promoted(settings: Settings, versions: Names) -> Names:
    for name in versions:
        append(settings, name)
    return versions


def append(settings: Settings, name: str) -> None:
    append_champion(settings, registry.describe(settings, name), NOW)


def read(settings: Settings) -> Champion:
    champion = read_champion(settings)
    assert champion
    return champion


def served(settings: Settings, as_of: date) -> str | None:
    version = serving_model(settings, as_of)
    return version.model_version if version else None


def build_features(settings: Settings, nights: list[date]) -> None:
    """The features of 40 sellers on each night, as the mart would hold them."""
    frame = pd.concat(market(21)[:40].assign(as_of=night) for night in nights)
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.register("frame", frame)
        connection.execute("create schema marts")
        connection.execute("create table marts.seller_features as select * replace (as_of::date as as_of) from frame")


def test_the_version_below_serves_again_and_twice_goes_further_back(settings: Settings, promoted: Names) -> None:
    june, july, august = promoted
    before = read(settings).history
    done = roll_back(settings, CAUSE)
    assert (done.served, done.serves, done.withdraws) == (august, july, (august,))
    assert [served(settings, day) for day in (JUNE, JULY, AUGUST, LATER)] == [june, july, july, july]
    entry = read(settings).history[-1]
    assert read(settings).history[:-1] == before
    assert entry.cause == CAUSE and entry.trained_as_of == JULY and datetime.now(UTC) - entry.promoted_at < timedelta(1)
    assert roll_back(settings, CAUSE).serves == june
    assert [served(settings, day) for day in (JULY, LATER)] == [june, june]
    content = (settings.models / "champion.json").read_bytes()
    with pytest.raises(BadModel, match=f"{june} is the only version in force, so there is nothing to go back to"):
        roll_back(settings, CAUSE)
    assert (settings.models / "champion.json").read_bytes() == content


def test_the_versions_of_one_day_are_gone_back_through_in_turn(settings: Settings, versions: Names) -> None:
    again = train_version(settings, AUGUST, market(12))
    for name in (versions[1], versions[2], again):
        append(settings, name)
    assert [roll_back(settings, CAUSE).serves for _ in range(2)] == [versions[2], versions[1]]


def test_what_a_version_took_over_from_stays_below_it(settings: Settings, versions: Names) -> None:
    june, _, august = versions
    again = train_version(settings, JUNE, market(12))
    for name in (june, again, june, august):
        append(settings, name)
    assert roll_back(settings, CAUSE).withdraws == (august,)
    assert served(settings, LATER) == june
    assert roll_back(settings, CAUSE).serves == again


def test_a_named_version_serves_and_all_above_it_do_not(settings: Settings, promoted: Names) -> None:
    june, july, august = promoted
    assert roll_back(settings, CAUSE, june).withdraws == (july, august)
    assert served(settings, LATER) == june
    assert roll_back(settings, CAUSE, august).withdraws == ()
    assert [served(settings, day) for day in (JULY, LATER)] == [june, august]
    assert roll_back(settings, CAUSE).serves == june


def test_a_night_is_never_served_by_a_withdrawn_version_or_one_from_its_future(
    settings: Settings, versions: Names
) -> None:
    chance, withdrawn = random.Random(5), set[str]()
    for _ in range(80):
        before = read_champion(settings)
        if before is None or chance.random() < 0.5:
            append(settings, named := chance.choice(versions))
        else:
            try:
                done = roll_back(settings, CAUSE, chance.choice((None, *versions)))
            except BadModel:
                assert read(settings) == before
                continue
            named = done.serves
            withdrawn |= set(done.withdraws)
            assert served(settings, LATER) == done.serves != done.served
        withdrawn -= {named}
        assert read(settings).champion == served(settings, LATER)
        assert read(settings).history[:-1] == (before.history if before else ())
        for day in (JUNE - timedelta(1), JUNE, JULY, AUGUST, LATER):
            name = served(settings, day)
            assert name not in withdrawn and (name is None or name[:10] <= str(day))


def test_coming_nights_are_scored_by_the_earlier_version_and_scored_ones_stay(
    settings: Settings, promoted: Names
) -> None:
    _, july, august = promoted
    build_features(settings, [date(2018, 9, 1), date(2018, 9, 2)])
    folder = settings.models / august
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    score(settings, [date(2018, 9, 1)], "first")
    roll_back(settings, CAUSE)
    score(settings, [date(2018, 9, 2)], "second")
    with duckdb.connect(str(settings.warehouse)) as connection:
        rows = connection.execute("select distinct as_of, model_version from ml.scores order by as_of").fetchall()
    assert rows == [(date(2018, 9, 1), august), (date(2018, 9, 2), july)]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files


def test_a_later_training_may_take_over_and_the_withdrawn_version_only_by_force(
    settings: Settings, promoted: Names
) -> None:
    _, july, august = promoted
    roll_back(settings, CAUSE)
    refused = promote_or_keep(settings, august)
    assert not refused.is_promoted and refused.champion == july
    assert (
        refused.gates[0].name == "not_withdrawn"
        and "it was withdrawn on" in refused.reason
        and CAUSE.reason in refused.reason
    )
    later = train_version(settings, SEPTEMBER, market(10))
    decision = promote_or_keep(settings, later, force=True)
    assert decision.is_promoted and decision.champion == july
    assert [served(settings, day) for day in (AUGUST, SEPTEMBER)] == [july, later]
    assert promote_or_keep(settings, august, force=True, cause=CAUSE).is_forced
    assert [served(settings, day) for day in (AUGUST, SEPTEMBER)] == [august, later]


def test_a_damaged_champion_is_left_and_a_damaged_target_refused(settings: Settings, promoted: Names) -> None:
    june, july, august = promoted
    (settings.models / august / "model.json").write_text("{")
    (settings.models / july / "model.ubj").write_bytes(b"")
    with pytest.raises(BadModel, match=rf"{july}/model\.ubj is not the file that was saved"):
        roll_back(settings, CAUSE)
    assert roll_back(settings, CAUSE, june).served == august
    assert served(settings, LATER) == june


def test_a_version_that_could_not_score_the_mart_is_refused(
    settings: Settings, promoted: Names, tmp_path: Path
) -> None:
    renamed = tuple(("tenure_months", *rest) if name == "tenure_days" else (name, *rest) for name, *rest in FEATURES)
    catalogue = write_catalogue(tmp_path / "renamed.yml", renamed)
    with pytest.raises(BadFeatures, match=f"{promoted[1]} needs tenure_days, which the mart no longer has"):
        roll_back(settings, CAUSE, catalogue=catalogue)


@pytest.mark.parametrize(("place", "message"), [(2, "serves already"), (1, "was never promoted: decide on it with")])
def test_what_serves_or_never_served_is_not_gone_back_to(
    settings: Settings, versions: Names, place: int, message: str
) -> None:
    with pytest.raises(BadModel, match="no model serves yet, so there is nothing to go back to"):
        roll_back(settings, CAUSE)
    for name in (versions[0], versions[2]):
        append(settings, name)
    with pytest.raises(BadModel, match=f"{versions[place]} {message}"):
        roll_back(settings, CAUSE, versions[place])


def test_a_history_from_before_rollbacks_is_understood(settings: Settings, promoted: Names) -> None:
    path = settings.models / "champion.json"
    content = json.loads(path.read_text())
    for entry in content["history"]:
        del entry["withdraws"], entry["cause"]
    path.write_text(json.dumps(content))
    assert roll_back(settings, CAUSE).serves == promoted[1]


def test_an_unreadable_pointer_stops_the_rollback_and_is_kept(settings: Settings, promoted: Names) -> None:
    path = settings.models / "champion.json"
    path.write_text(path.read_text()[:-30])
    content = path.read_bytes()
    with pytest.raises(BadModel, match=r"champion\.json cannot be read .*restore it from a backup"):
        roll_back(settings, CAUSE)
    assert path.read_bytes() == content
