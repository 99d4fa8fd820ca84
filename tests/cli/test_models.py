"""``tradeline models`` as a risk officer calls it."""

import io
import json
import multiprocessing
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cli.screens.models import render_comparison, render_listing
from ml.learning.booster import BoosterRecipe, Trees
from ml.promotion.listing import list_all
from ml.promotion.promote import promote_or_keep
from ml.registry import store as registry
from ml.registry.champion import registry_lock
from tests.command import tradeline
from tests.ml.trained import AUGUST, FEATURES, JULY, SEPTEMBER, market, train_version, useless
from tradeline.journal import read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version of July, one of August that serves, one of September that is worse and not judged."""
    settings = Settings(home=tmp_path_factory.mktemp("served"), threads=1)
    for day in (JULY, AUGUST):
        # The same data again proves nothing, so a person lets it serve.
        promote_or_keep(settings, train_version(settings, day, market()), force=True)
    train_version(settings, SEPTEMBER, useless())
    return settings.models


@pytest.fixture
def names(settings: Settings, served: Path) -> list[str]:
    shutil.copytree(served, settings.models)
    return registry.version_names(settings)


def champion(settings: Settings) -> str | None:
    return list_all(settings).champion


def test_list_has_a_line_for_each_version_and_marks_the_champion(settings: Settings, names: list[str]) -> None:
    lines = tradeline(settings.home, "models", "list").stdout.splitlines()
    july, august, september = (next(line for line in lines if name in line) for name in names)
    assert august.startswith("*") and "champion since" in august and "cash_flow_replay" in august
    auc = registry.describe(settings, names[1]).evaluation.metrics["auc"]
    assert str(auc) in august and "(704 bad)" in august
    assert july.startswith(" ") and "promoted" in july and "undecided" in september
    listed = json.loads(tradeline(settings.home, "models", "list", "--format", "json").stdout)
    assert listed["champion"] == names[1] and [each["model_version"] for each in listed["versions"]] == names


def test_show_tells_all_of_the_champion_or_of_a_named_version(settings: Settings, names: list[str]) -> None:
    text = tradeline(settings.home, "models", "show").stdout
    version = registry.describe(settings, names[1])
    rounds = version.part(Trees.section, BoosterRecipe).rounds
    for told in (names[1], "tenure 2", f"rounds {rounds}", "sales_amount_90d", "Platt"):
        assert told in text
    assert str(version.evaluation.metrics["brier"]) in text and version.choice.reason in " ".join(text.split())
    assert "2017-12-31" in text and "not_worse holds" in text and "better FAILS" in text and "xgboost-cpu" in text
    shown = json.loads(tradeline(settings.home, "models", "show", "2018-07", "--format", "json").stdout)
    assert shown["version"]["model_version"] == names[0] and shown["decision"]["is_promoted"]


def test_compare_shows_the_difference_and_what_differs(settings: Settings, names: list[str]) -> None:
    result = tradeline(settings.home, "models", "compare", "2018-08", "2018-09")
    assert result.returncode == 0 and "AUC difference  +0." in result.stdout and "calibration.slope" in result.stdout
    found = json.loads(tradeline(settings.home, "models", "compare", *names[1:], "--format", "json").stdout)
    assert found["judge"] == names[2] and found["auc_difference"]["low"] > 0


def test_promotion_goes_by_the_rule_and_force_needs_a_reason(settings: Settings, names: list[str]) -> None:
    refused = tradeline(settings.home, "models", "promote", "2018-09")
    assert refused.returncode == 1 and f"{names[2]} is not promoted" in refused.stderr
    assert "not_worse FAILS" in refused.stdout and "better FAILS" in refused.stdout
    unreasoned = tradeline(settings.home, "models", "promote", "2018-09", "--force")
    assert unreasoned.returncode == 1 and "needs --reason TEXT" in unreasoned.stderr
    assert champion(settings) == names[1]
    forced = tradeline(settings.home, "models", "promote", "2018-09", "--force", "--reason", "decision [12]")
    assert forced.returncode == 0 and champion(settings) == names[2]
    assert "promoted by force" in forced.stdout and "decision [12]" in forced.stdout
    again = tradeline(settings.home, "models", "promote", "2018-09")
    assert again.returncode == 0 and "already" in again.stdout
    entries = [(entry.step, entry.status, entry.as_ofs) for entry in read_journal(settings)]
    assert entries == [("promote", "done", [str(SEPTEMBER)])] * 2
    assert "decision [12]" in read_journal(settings)[-1].message


def test_rollback_is_journaled_and_goes_further_each_time(settings: Settings, names: list[str]) -> None:
    assert tradeline(settings.home, "models", "rollback").returncode == 2
    assert "--reason is empty" in tradeline(settings.home, "models", "rollback", "--reason", " ").stderr
    done = tradeline(settings.home, "models", "rollback", "--reason", "too many declined")
    assert done.returncode == 0 and f"{names[0]} serves again instead of {names[1]}" in done.stdout
    assert champion(settings) == names[0]
    nothing = tradeline(settings.home, "models", "rollback", "--reason", "still too many")
    assert nothing.returncode == 1 and "nothing to go back to" in nothing.stderr
    back = tradeline(settings.home, "models", "rollback", "--to", "2018-08", "--reason", "it was not the model")
    assert back.returncode == 0 and champion(settings) == names[1]
    entries = read_journal(settings)
    assert [(entry.step, entry.status) for entry in entries] == [("rollback", "done")] * 2
    assert "too many declined" in entries[0].message
    assert "too many declined" in tradeline(settings.home, "models", "show").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "2017"], "there is no model 2017; the nearest is 2018-0"),
        (["compare", "2018", "2018-07"], "2018 may be 2018-07-31-"),
        (["promote", "champion.json"], "there is no model champion.json"),
        (["rollback", "--to", "2018-09", "--reason", "x"], "was never promoted"),
        (["compare", "2018-07", "2018-07"], "compared with itself"),
    ],
)
def test_bad_input_is_one_message(settings: Settings, names: list[str], arguments: list[str], message: str) -> None:
    before = (settings.models / "champion.json").read_bytes()
    result = tradeline(settings.home, "models", *arguments)
    assert result.returncode == 1 and message in result.stderr and "Traceback" not in result.stderr
    assert (settings.models / "champion.json").read_bytes() == before and read_journal(settings) == []


def test_damage_is_listed_and_nothing_else_goes_on_with_it(settings: Settings, names: list[str]) -> None:
    (settings.models / names[0] / "model.ubj").write_bytes(b"")
    (settings.models / "champion.json").write_text("[")
    listed = tradeline(settings.home, "models", "list")
    assert listed.returncode == 0 and "champion.json cannot be read" in listed.stdout
    told = " ".join(listed.stdout.split())
    assert f"{names[0]} is damaged" in told and "restore it from a backup or train again" in told
    for arguments in (["show"], ["promote", "2018-09"], ["rollback", "--reason", "x"]):
        result = tradeline(settings.home, "models", *arguments)
        assert result.returncode == 1 and "champion.json cannot be read" in result.stderr
        assert "Traceback" not in result.stderr


def hold(home: Path, is_held: Any, is_enough: Any) -> None:
    with registry_lock(Settings(home=home)):
        is_held.set()
        is_enough.wait()


def test_a_rollback_does_not_cross_another_change(
    settings: Settings, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    context = multiprocessing.get_context("spawn")
    is_held, is_enough = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(settings.home, is_held, is_enough))
    holder.start()
    assert is_held.wait(60)
    monkeypatch.setenv("TRADELINE_LOCK_TIMEOUT_SECONDS", "0.1")
    for arguments in (["rollback", "--reason", "x"], ["promote", "2018-09"]):
        result = tradeline(settings.home, "models", *arguments)
        assert result.returncode == 1 and "another promotion or rollback held" in result.stderr
    is_enough.set()
    holder.join(60)
    assert champion(settings) == names[1]


def test_a_narrow_terminal_gets_every_word(settings: Settings, names: list[str]) -> None:
    console = Console(width=60, record=True, file=io.StringIO())
    console.print(render_listing(list_all(settings), 60))
    text = console.export_text()
    assert all(name in text for name in names) and "champion since" in text and "…" not in text
    assert all(len(line.rstrip()) <= 60 for line in text.splitlines())


def test_what_spoils_a_comparison_is_said(settings: Settings, names: list[str]) -> None:
    from ml.promotion.compare import compare

    frame = market(8).rename(columns={"tenure_days": "tenure_months"}).assign(label_kind="loan_default")
    features = tuple(("tenure_months", *rest) if name == "tenure_days" else (name, *rest) for name, *rest in FEATURES)
    other = train_version(settings, SEPTEMBER, frame, features)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(render_comparison(compare(settings, names[0], other)))
    text = console.export_text()
    assert "cannot score these rows" in text and "lacks tenure_days" in text and "not available" in text
    assert f"{names[0]} predicts cash_flow_replay" in text


def test_an_empty_home_says_what_comes_first(settings: Settings) -> None:
    assert "no model is trained yet" in tradeline(settings.home, "models", "list").stdout
    result = tradeline(settings.home, "models", "rollback", "--reason", "x")
    assert result.returncode == 1 and "no model serves yet" in result.stderr
