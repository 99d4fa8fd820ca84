"""What people are told about the registry, whatever state it is in."""

import shutil
from pathlib import Path

import pytest

from ml.errors import BadModel
from ml.promotion.listing import find_version, list_all, show
from ml.promotion.promote import promote_or_keep, read_promotion
from ml.promotion.rollback import roll_back
from ml.registry import store as registry
from ml.registry.pointer import Cause
from tests.ml.trained import AUGUST, JULY, JUNE, SEPTEMBER, market, train_version, useless
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


CAUSE = Cause(by="risk", reason="declines too many")


@pytest.fixture(scope="module")
def looked_after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """July serves, August was taken back, the first of September was refused, the second not judged yet."""
    settings = Settings(home=tmp_path_factory.mktemp("looked-after"), threads=1)
    for day, seed in ((JUNE, 7), (JULY, 7), (AUGUST, 7)):
        assert promote_or_keep(settings, train_version(settings, day, market(seed)), force=True).is_promoted
    roll_back(settings, CAUSE)
    assert not promote_or_keep(settings, train_version(settings, SEPTEMBER, useless())).is_promoted
    train_version(settings, SEPTEMBER, market(8).assign(label_kind="loan_default"))
    return settings.models


@pytest.fixture
def names(settings: Settings, looked_after: Path) -> list[str]:
    shutil.copytree(looked_after, settings.models)
    return registry.version_names(settings)


def states(settings: Settings) -> list[str]:
    return [line.standing.state for line in list_all(settings).versions]


def test_every_version_and_how_it_stands(settings: Settings, names: list[str]) -> None:
    listing = list_all(settings)
    lines = {line.model_version: line for line in listing.versions}
    assert list(lines) == names == sorted(names)
    found = {name: line.standing for name, line in lines.items()}
    assert [found[name].state for name in names[:3]] == ["promoted", "champion", "withdrawn"]
    assert sorted(found[name].state for name in names[3:]) == ["refused", "undecided"]
    assert [name for name in names if found[name].is_champion] == [names[1]] == [listing.champion]
    assert found[names[2]].why == f"rolled back to {names[1]}: declines too many"
    refused = next(name for name in names if found[name].state == "refused")
    assert found[refused].why == read_promotion(settings, refused).reason
    version, line = registry.describe(settings, names[1]), lines[names[1]]
    assert (line.train_rows, line.train_bad_rows) == (version.split.fitted.rows, version.split.fitted.bad_rows)
    judged = version.split.judged
    assert (line.judged_by, line.judged_rows, line.judged_bad_rows) == ("out_of_time", judged.rows, judged.bad_rows)
    assert (line.auc, line.label_kind) == (version.evaluation.metrics["auc"], "cash_flow_replay")


def test_the_champion_is_shown_unless_another_is_named(settings: Settings, names: list[str]) -> None:
    shown = show(settings)
    assert shown.version.model_version == names[1] and shown.standing.is_champion
    assert [bool(entry.cause) for entry in shown.served] == [False, True]
    taken_back = show(settings, names[2])
    assert taken_back.decision and taken_back.decision.is_promoted
    assert [entry.withdraws for entry in taken_back.served] == [(), (names[2],)]


@pytest.mark.parametrize("damage", ["model.json", "model.ubj", "promotion.json"])
def test_a_damaged_version_is_listed_with_what_to_do(settings: Settings, names: list[str], damage: str) -> None:
    before = states(settings)
    (settings.models / names[1] / damage).write_bytes(b"{")
    listing = list_all(settings)
    assert [line.standing.state for line in listing.versions] == [before[0], "damaged", *before[2:]]
    line = listing.versions[1]
    assert damage in line.standing.why and "restore it from a backup" in line.standing.why
    assert line.standing.is_champion and listing.champion == names[1]


def test_a_version_without_its_description_is_still_listed(settings: Settings, names: list[str]) -> None:
    (settings.models / names[0] / "model.json").unlink()
    assert states(settings)[0] == "damaged"


def test_an_unreadable_pointer_is_told_beside_the_versions(settings: Settings, names: list[str]) -> None:
    (settings.models / "champion.json").write_text("{}")
    listing = list_all(settings)
    assert listing.fault and "champion.json cannot be read" in listing.fault and listing.champion is None
    assert [line.model_version for line in listing.versions] == names
    assert "it was promoted, but champion.json does not say so" in listing.versions[0].standing.why
    with pytest.raises(BadModel, match=r"champion\.json cannot be read"):
        show(settings)


def test_a_version_is_found_by_enough_of_its_beginning(settings: Settings, names: list[str]) -> None:
    assert find_version(settings, "2018-07") == names[1]
    assert find_version(settings, names[3]) == names[3]
    with pytest.raises(BadModel, match=f"2018-09 may be {names[3]}, {names[4]}: give more of the name"):
        find_version(settings, "2018-09")
    with pytest.raises(BadModel, match=f"there is no model {names[2]}x; the nearest is {names[2]}"):
        find_version(settings, f"{names[2]}x")
    with pytest.raises(BadModel, match=r"there is no model \.\./training"):
        find_version(settings, "../training")


def test_an_empty_registry(settings: Settings) -> None:
    assert list_all(settings).versions == () and list_all(settings).fault is None
    with pytest.raises(BadModel, match="no model serves yet"):
        show(settings)
    with pytest.raises(BadModel, match="none is trained yet"):
        find_version(settings, "2018")
    assert not settings.home.exists()
