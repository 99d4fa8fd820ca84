import json
import multiprocessing
import shutil
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ml.errors import BadModel
from ml.registry import store as registry
from ml.registry.champion import append_champion, registry_lock, serving_model
from ml.registry.pointer import Champion, read_champion
from ml.registry.version import ModelVersion, name_version
from ml.train import train
from tests.ml.synthetic import FEATURES, synthetic_frame, write_catalogue, write_training_set
from tradeline.errors import TradelineError
from tradeline.estimates import Estimate
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NOW = datetime(2018, 9, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with versions trained as of 2018-06-30, 2018-07-31 and 2018-08-31."""
    home = tmp_path_factory.mktemp("trained")
    catalogue = write_catalogue(home / "catalogue.yml", FEATURES)
    training_set = write_training_set(synthetic_frame(), home / "t.parquet")
    for day in (date(2018, 6, 30), date(2018, 7, 31), date(2018, 8, 31)):
        train(Settings(home=home, threads=1), training_set, day, "run", catalogue)
    return home


@pytest.fixture
def versions(settings: Settings, trained: Path) -> list[ModelVersion]:
    """A copy of the trained versions, oldest first."""
    shutil.copytree(trained / "models", settings.models)
    return [registry.describe(settings, name) for name in registry.version_names(settings)]


def test_a_night_is_never_served_by_a_model_trained_later(settings: Settings, versions: list[ModelVersion]) -> None:
    june, july, august = versions
    for version in (august, june, july):
        append_champion(settings, version, NOW)
    served = {
        day: serving_model(settings, day)
        for day in (date(2018, 6, 29), date(2018, 6, 30), date(2018, 8, 30), date(2018, 8, 31), date(2019, 1, 1))
    }
    assert list(served.values()) == [None, june, july, august, august]


def test_without_a_promotion_nothing_serves(settings: Settings, versions: list[ModelVersion]) -> None:
    assert serving_model(settings, date(2019, 1, 1)) is None
    assert [str(version.trained_as_of) for version in versions] == ["2018-06-30", "2018-07-31", "2018-08-31"]


def test_the_champion_is_the_one_trained_last(settings: Settings, versions: list[ModelVersion]) -> None:
    june, _, august = versions
    append_champion(settings, august, NOW)
    assert append_champion(settings, june, NOW).champion == august.model_version
    content = json.loads((settings.models / "champion.json").read_text())
    assert [entry["trained_as_of"] for entry in content["history"]] == ["2018-08-31", "2018-06-30"]
    assert content["history"][0]["model_version"] == content["champion"] == august.model_version


@pytest.mark.parametrize("damage", [lambda content: content[:-20], lambda content: content[:-1] + b"\x00", None])
def test_a_damaged_model_file_is_refused(settings: Settings, versions: list[ModelVersion], damage: Any) -> None:
    path = settings.models / versions[0].model_version / "model.ubj"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(BadModel, match=r"model\.ubj is not the file that was saved"):
        registry.load(settings, versions[0].model_version)


@pytest.mark.parametrize("name", ["model.ubj", "model.json", "judged.parquet"])
def test_training_again_mends_a_damaged_version(
    settings: Settings, versions: list[ModelVersion], trained: Path, name: str
) -> None:
    folder = settings.models / versions[0].model_version
    (folder / "promotion.json").write_text("kept")
    (folder / name).write_bytes((folder / name).read_bytes()[:50])
    again = train(settings, trained / "t.parquet", date(2018, 6, 30), "again", trained / "catalogue.yml")
    assert again.model_version == versions[0].model_version
    assert registry.load(settings, again.model_version).version == again
    assert (folder / "promotion.json").read_text() == "kept"
    assert list(settings.models.glob(".*")) == []


def test_a_changed_description_is_refused(settings: Settings, versions: list[ModelVersion]) -> None:
    path = settings.models / versions[0].model_version / "model.json"
    content = json.loads(path.read_text())
    content["contenders"]["xgboost"]["calibration"]["slope"] *= 1.01
    path.write_text(json.dumps(content))
    with pytest.raises(BadModel, match=r"model\.json was changed"):
        registry.load(settings, versions[0].model_version)
    path.write_text(path.read_text()[:100])
    with pytest.raises(BadModel, match=r"model\.json cannot be read"):
        registry.describe(settings, versions[0].model_version)


def test_a_version_of_an_earlier_release_says_so(settings: Settings, versions: list[ModelVersion]) -> None:
    path = settings.models / versions[0].model_version / "model.json"
    content = json.loads(path.read_text())
    del content["contenders"]
    path.write_text(json.dumps(content | {"out_of_time": {}}))
    with pytest.raises(BadModel, match="was made by an earlier release of Tradeline: train again"):
        registry.describe(settings, versions[0].model_version)


def test_an_unknown_version_is_refused(settings: Settings) -> None:
    with pytest.raises(BadModel, match="there is no model 2018-01-01-00000000"):
        registry.load(settings, "2018-01-01-00000000")


def test_the_pointer_is_always_whole_for_a_reader(settings: Settings, versions: list[ModelVersion]) -> None:
    append_champion(settings, versions[0], NOW)
    context = multiprocessing.get_context("spawn")
    done, reads = context.Event(), context.Value("i", 0)
    reader = context.Process(target=read_until, args=(settings.models / "champion.json", done, reads))
    reader.start()
    while reads.value == 0 and reader.is_alive():
        pass
    for _ in range(100):
        append_champion(settings, versions[1], NOW)
    done.set()
    reader.join(30)
    assert reader.exitcode == 0
    assert reads.value > 10
    assert [path.name for path in settings.models.glob(".champion*")] == []


def test_a_withdrawn_version_serves_no_night_until_it_is_named_again(
    settings: Settings, versions: list[ModelVersion]
) -> None:
    june, july, august = versions
    for version in versions:
        append_champion(settings, version, NOW)
    champion = append_champion(settings, june, NOW, withdraws=(july.model_version, august.model_version))
    assert champion.champion == june.model_version
    assert [entry.model_version for entry in champion.in_force] == [june.model_version] * 2
    assert serving_model(settings, date(2019, 1, 1)) == june
    withdrawal = champion.withdrawal(july.model_version)
    assert withdrawal and withdrawal.model_version == june.model_version
    champion = append_champion(settings, july, NOW)
    assert champion.withdrawal(july.model_version) is None and champion.withdrawal(august.model_version)
    assert serving_model(settings, date(2019, 1, 1)) == july


@pytest.mark.parametrize("content", [b"", b'{"champion": "2018', b"\xff\x00"])
def test_an_unreadable_pointer_says_where_and_what_to_do(
    settings: Settings, versions: list[ModelVersion], content: bytes
) -> None:
    append_champion(settings, versions[0], NOW)
    path = settings.models / "champion.json"
    path.write_bytes(content)
    for attempt in (
        lambda: serving_model(settings, date(2019, 1, 1)),
        lambda: append_champion(settings, versions[1], NOW),
    ):
        with pytest.raises(BadModel, match=r"champion\.json cannot be read .*restore it from a backup"):
            attempt()
    assert path.read_bytes() == content


def test_changes_by_two_processes_are_all_kept(settings: Settings, versions: list[ModelVersion]) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=append_often, args=(settings.home, version.model_version)) for version in versions[:2]
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    champion = read_champion(settings)
    assert champion and [writer.exitcode for writer in writers] == [0, 0]
    assert sorted(entry.model_version for entry in champion.history) == sorted(
        version.model_version for version in versions[:2] for _ in range(40)
    )


def append_often(home: Path, model_version: str) -> None:
    settings = Settings(home=home)
    version = registry.describe(settings, model_version)
    for _ in range(40):
        with registry_lock(settings):
            append_champion(settings, version, NOW)


def test_waiting_for_another_change_ends_with_a_clear_error(settings: Settings, versions: list[ModelVersion]) -> None:
    context = multiprocessing.get_context("spawn")
    is_held = context.Event()
    holder = context.Process(target=hold_lock, args=(settings.home, is_held))
    holder.start()
    assert is_held.wait(60)
    impatient = settings.model_copy(update={"lock_timeout_seconds": 0.1})
    with pytest.raises(TradelineError, match="another promotion or rollback held"), registry_lock(impatient):
        pass
    holder.kill()
    holder.join()
    with registry_lock(settings), registry_lock(settings):
        pass


def hold_lock(home: Path, is_held: Any) -> None:
    with registry_lock(Settings(home=home)):
        is_held.set()
        threading.Event().wait()


def read_until(path: Path, done: Any, reads: Any) -> None:
    while not done.is_set():
        Champion.model_validate_json(path.read_bytes())
        reads.value += 1


def test_a_version_whose_intervals_miss_their_value_as_earlier_releases_kept_them_serves_on(
    settings: Settings, versions: list[ModelVersion]
) -> None:
    old = versions[0].model_dump(mode="json")
    judged = old["contenders"][old["algorithm"]]["evaluation"]
    judged["reliability"][0]["bad_rate"] = {"value": 0.0, "low": 1.4e-18, "high": 0.02}
    judged["metrics"]["lift"] = {"value": 3.0, "low": 1.0, "high": 2.5}
    name = name_version(old)
    folder = shutil.copytree(settings.models / versions[0].model_version, settings.models / name)
    (folder / "model.json").write_text(json.dumps(old | {"model_version": name}))
    read = registry.load(settings, name).version
    assert read.evaluation.reliability[0].bad_rate == Estimate(value=0, low=0, high=0.02)
    assert read.evaluation.metrics["lift"] == Estimate(value=3, low=1, high=3)
    judged["metrics"]["lift"]["high"] = 2.6
    (folder / "model.json").write_text(json.dumps(old | {"model_version": name}))
    with pytest.raises(BadModel, match="was changed after it was saved"):
        registry.describe(settings, name)
