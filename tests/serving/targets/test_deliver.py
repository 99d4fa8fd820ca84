"""Delivery to several targets, and what the status and the commands say of it."""

import json
from datetime import date
from pathlib import Path

import pymysql
import pytest
from sqlalchemy.engine import make_url

from cli.status import status
from pipeline import steps
from serving.targets.deliver import deliver, deliver_to_all
from serving.targets.state import held, read_state
from tests.command import tradeline
from tests.serving.targets.conftest import EARLIER, NIGHT, describe, publish_night
from tradeline.database import connect
from tradeline.errors import BadInput, TradelineError
from tradeline.journal import read_journal
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

LATER = date(2018, 9, 30)
NOWHERE = "postgresql://nobody@localhost/offers?host=/nowhere"


def shown(folder: Path) -> list[date]:
    """The nights that readers of a folder of Parquet see."""
    with connect(Settings(home=folder)) as connection:
        query = f"select distinct as_of from '{folder}/publications.parquet' where is_current order by as_of"
        return [night for (night,) in connection.execute(query).fetchall()]


def test_a_target_that_fails_holds_no_other_up_and_is_caught_up_later(published: Settings, tmp_path: Path) -> None:
    describe(published, "a", kind="postgres", url=NOWHERE)
    describe(published, "b", kind="files", url=str(tmp_path / "b"))
    describe(published, "c", kind="files", url="relative")
    with pytest.raises(
        TradelineError, match=r"target a: PostgreSQL says: .*\n.*target c: .*\nb: 2 nights .*"
    ) as failed:
        deliver_to_all(published)
    assert not isinstance(failed.value, BadInput), "one of them may succeed when it is tried again"
    assert shown(tmp_path / "b") == [EARLIER, NIGHT]
    publish_night(published, LATER, "third")
    for name in ("a", "c"):
        describe(published, name, kind="files", url=str(tmp_path / name))
    assert deliver_to_all(published) == [
        "a: 3 nights as of 2018-07-31 to 2018-09-30 delivered",
        "b: as of 2018-09-30 delivered",
        "c: 3 nights as of 2018-07-31 to 2018-09-30 delivered",
    ]
    assert shown(tmp_path / "a") == shown(tmp_path / "b") == shown(tmp_path / "c") == [EARLIER, NIGHT, LATER]


def test_where_trying_again_cannot_help_it_is_not_tried_again(published: Settings) -> None:
    describe(published, "c", kind="files", url="relative")
    with pytest.raises(BadInput, match="neither a folder nor a store"):
        steps.deliver(published, "run")
    entry = read_journal(published)[-1]
    assert (entry.step, entry.status) == ("deliver", "failed") and "target c" in entry.message


def test_the_status_tells_of_each_target_until_it_has_the_latest_night(published: Settings, tmp_path: Path) -> None:
    describe(published, "a", kind="postgres", url=NOWHERE)
    describe(published, "b", kind="files", url=str(tmp_path / "b"))
    with pytest.raises(TradelineError):
        steps.deliver(published, "run")
    found = status(published).targets
    assert (found["a"].as_of, found["b"].as_of, found["b"].run_id) == (None, NIGHT, "second")
    publish_night(published, LATER, "third")
    said = " ".join(tradeline(published.home, "status").stdout.split())
    assert "a: no night, lacks 2018-09-30; failed at" in said and "PostgreSQL says: " in said
    assert "b: 2018-08-31 of run second at" in said and "UTC, lacks 2018-09-30" in said
    describe(published, "a", kind="files", url=str(tmp_path / "a"))
    assert steps.deliver(published, "run").startswith("a: 3 nights")
    targets = json.loads(tradeline(published.home, "status", "--format", "json").stdout)["targets"]
    assert [targets[name]["as_of"] for name in "ab"] == [str(LATER), str(LATER)]
    assert [targets[name]["error"] for name in "ab"] == [None, None]


def test_without_targets_there_is_nothing_to_do(published: Settings) -> None:
    assert "there is no target in" in steps.deliver(published, "run")
    assert "deliver" not in {entry.step for entry in read_journal(published)}
    assert "\ntargets " not in tradeline(published.home, "status").stdout


def test_before_anything_is_published_nothing_is_missing(settings: Settings, tmp_path: Path) -> None:
    describe(settings, "b", kind="files", url=str(tmp_path / "b"))
    assert deliver(settings, "b") == "b: nothing was missing"
    assert read_state(settings, "b").as_of is None


def test_by_hand(published: Settings, tmp_path: Path) -> None:
    describe(published, "b", kind="files", url=str(tmp_path / "b"))
    assert tradeline(published.home, "publish").stdout == "b: 2 nights as of 2018-07-31 to 2018-08-31 delivered\n"
    again = tradeline(published.home, "publish", "--to", "b", "--as-of", str(EARLIER))
    assert (again.returncode, again.stdout) == (0, "b: as of 2018-07-31 delivered\n")
    unknown = tradeline(published.home, "publish", "--to", "app")
    assert unknown.returncode == 1 and "there is no target 'app' (there are: b)" in unknown.stderr
    alone = tradeline(published.home, "publish", "--as-of", str(EARLIER))
    assert alone.returncode == 1 and "name it with --to" in alone.stderr


def test_a_withdrawal_reaches_the_targets(published: Settings, tmp_path: Path) -> None:
    describe(published, "b", kind="files", url=str(tmp_path / "b"))
    deliver(published, "b")
    done = tradeline(published.home, "publications", "withdraw", "--as-of", str(NIGHT), "--reason", "A test night.")
    assert done.returncode == 0 and "b: nothing was missing" in done.stdout, done.stderr
    assert shown(tmp_path / "b") == [EARLIER]
    (published.published / "marts.duckdb").unlink()
    done = tradeline(published.home, "publications", "restore")
    assert done.returncode == 0 and "b: nothing was missing" in done.stdout, done.stderr


def test_a_lost_state_loses_nothing(published: Settings, tmp_path: Path) -> None:
    describe(published, "b", kind="files", url=str(tmp_path / "b"))
    deliver(published, "b")
    state = published.targets / ".state" / "b.json"
    state.unlink()
    assert deliver(published, "b") == "b: nothing was missing" and read_state(published, "b").as_of == NIGHT
    state.write_text("{")
    with pytest.raises(TradelineError, match=r"b\.json cannot be read .*delete it: `tradeline publish --to b` asks"):
        deliver(published, "b")
    assert any("b.json cannot be read" in notice for notice in status(published).notices)


def test_one_delivery_at_a_time(published: Settings, tmp_path: Path) -> None:
    describe(published, "b", kind="files", url=str(tmp_path / "b"))
    impatient = published.model_copy(update={"lock_timeout_seconds": 0.01})
    with held(published, "b"), pytest.raises(TradelineError, match="another delivery to it was under way"):
        deliver(impatient, "b")


def test_a_wrong_password_is_told_and_not_shown(
    published: Settings, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(mariadb_url)
    with (
        pymysql.connect(user="root", unix_socket=str(url.query["unix_socket"])) as client,
        client.cursor() as cursor,
    ):
        cursor.execute("create or replace user writer@localhost identified by 'p@ss/word %1'")
        cursor.execute(f"grant all on `{url.database}`.* to writer@localhost")
    describe(published, "shop", kind="mysql", url=mariadb_url.replace("root@", "writer@"))
    monkeypatch.setenv("TRADELINE_PASSWORD_SHOP", "hidden1")
    with pytest.raises(TradelineError, match="target shop: MySQL says: Access denied for user 'writer'") as refused:
        deliver(Settings(home=published.home), "shop")
    assert "hidden1" not in str(refused.value)
    assert "hidden1" not in (published.targets / ".state" / "shop.json").read_text()
    monkeypatch.setenv("TRADELINE_PASSWORD_SHOP", "p@ss/word %1")
    assert deliver(Settings(home=published.home), "shop").startswith("shop: 2 nights")
