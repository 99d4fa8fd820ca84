import json
import multiprocessing
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ml import registry
from ml.errors import BadModel
from ml.registry import Champion
from ml.train import train
from ml.version import ModelVersion
from tests.ml.synthetic import FEATURES, synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import Settings

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
    return registry.list_versions(settings)


def test_a_night_is_never_served_by_a_model_trained_later(settings: Settings, versions: list[ModelVersion]) -> None:
    june, july, august = versions
    for version in (august, june, july):
        registry.append_champion(settings, version, NOW)
    served = {
        day: registry.serving_model(settings, day)
        for day in (date(2018, 6, 29), date(2018, 6, 30), date(2018, 8, 30), date(2018, 8, 31), date(2019, 1, 1))
    }
    assert list(served.values()) == [None, june, july, august, august]


def test_without_a_promotion_nothing_serves(settings: Settings, versions: list[ModelVersion]) -> None:
    assert registry.serving_model(settings, date(2019, 1, 1)) is None
    assert [str(version.trained_as_of) for version in versions] == ["2018-06-30", "2018-07-31", "2018-08-31"]


def test_the_champion_is_the_one_trained_last(settings: Settings, versions: list[ModelVersion]) -> None:
    june, _, august = versions
    registry.append_champion(settings, august, NOW)
    assert registry.append_champion(settings, june, NOW).champion == august.model_version
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


@pytest.mark.parametrize("name", ["model.ubj", "model.json"])
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
    content["calibration"]["slope"] *= 1.01
    path.write_text(json.dumps(content))
    with pytest.raises(BadModel, match=r"model\.json was changed"):
        registry.load(settings, versions[0].model_version)
    path.write_text(path.read_text()[:100])
    with pytest.raises(BadModel, match=r"model\.json cannot be read"):
        registry.describe(settings, versions[0].model_version)


def test_an_unknown_version_is_refused(settings: Settings) -> None:
    with pytest.raises(BadModel, match="there is no model 2018-01-01-00000000"):
        registry.load(settings, "2018-01-01-00000000")


def test_the_pointer_is_always_whole_for_a_reader(settings: Settings, versions: list[ModelVersion]) -> None:
    registry.append_champion(settings, versions[0], NOW)
    context = multiprocessing.get_context("spawn")
    done, reads = context.Event(), context.Value("i", 0)
    reader = context.Process(target=read_until, args=(settings.models / "champion.json", done, reads))
    reader.start()
    while reads.value == 0 and reader.is_alive():
        pass
    for _ in range(100):
        registry.append_champion(settings, versions[1], NOW)
    done.set()
    reader.join(30)
    assert reader.exitcode == 0
    assert reads.value > 10
    assert [path.name for path in settings.models.glob(".champion*")] == []


def read_until(path: Path, done: Any, reads: Any) -> None:
    while not done.is_set():
        Champion.model_validate_json(path.read_bytes())
        reads.value += 1
