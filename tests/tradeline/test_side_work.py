"""Side work that fails is said and listed until it is made, and stops nothing; the faults are real ones."""

import io
import resource
import shutil
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from cli.screens.status import render
from cli.status import status
from ml.registry.pointer import read_champion
from ml.reports.card.write import card_path, write_card_or_go_on
from pages import charts
from pipeline import steps
from tests.command import tradeline
from tests.ml.trained import AUGUST, market, train_version
from tradeline.errors import TradelineError
from tradeline.estimates import Estimate, wilson
from tradeline.files import write_whole
from tradeline.journal import journaled, read_journal
from tradeline.settings import Settings
from tradeline.side_work import never_stops, note_made, unmade

pytestmark = pytest.mark.slow


def shown(settings: Settings) -> str:
    console = Console(width=250, record=True, file=io.StringIO())
    console.print(render(status(settings)))
    return console.export_text()


def fail(settings: Settings, what: str) -> None:
    with never_stops(settings, "run-1", what, f"`make {what}` makes it"):
        (settings.home / "absent").read_text()


def test_what_failed_is_said_and_listed_until_it_is_made(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    fail(settings, "page")
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "page could not be made: FileNotFoundError" in warning.message
    assert warning.message.endswith("It stops nothing; `make page` makes it")
    for n in range(5):  # the status shows the last three failed steps; what was not made is not pushed out by them
        with pytest.raises(ValueError), journaled(settings, f"run-{n}", "score", [date(2026, 1, 31)]):
            raise ValueError("no")
    assert [each.step for each in status(settings).unmade] == ["page"]
    assert {each.step for each in status(settings).failures} == {"score"}
    assert "not made" in shown(settings) and "`make page` makes it" in shown(settings)
    with never_stops(settings, "run-2", "another page", "nothing"):
        pass
    assert [each.step for each in status(settings).unmade] == ["page"]
    note_made(settings, "run-2", "page")
    assert status(settings).unmade == () and "not made" not in shown(settings)


def test_what_is_made_at_once_leaves_no_line(settings: Settings) -> None:
    with never_stops(settings, "run-1", "page", "nothing"):
        pass
    assert read_journal(settings) == []


def test_an_interrupt_is_not_held_back(settings: Settings) -> None:
    for interrupt in (KeyboardInterrupt, SystemExit):
        with pytest.raises(interrupt), never_stops(settings, "run-1", "page", "nothing"):
            raise interrupt


def test_without_a_journal_it_goes_on_too(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.home.mkdir()
    (settings.home / "runs").write_text("a file in the place of the folder")
    fail(settings, "page")
    assert "the journal does not say so" in caplog.text
    with never_stops(settings, "run-1", "page", "nothing"):
        pass


def test_a_full_disk_leaves_the_old_page_and_no_half_one(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    write_whole(page, "old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError):
            write_whole(page, "new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert page.read_text() == "old" and list(tmp_path.iterdir()) == [page]


def test_a_promotion_stands_without_its_card_which_a_command_makes_later(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = train_version(settings, AUGUST, market())
    page = card_path(settings, name)
    page.mkdir()  # nothing can be written in its place
    assert steps.promote(settings, "run-1", AUGUST, name, is_forced=False)
    champion = read_champion(settings)
    assert champion and champion.champion == name
    assert [each.step for each in unmade(settings)] == [f"side work: model card {name}"]
    assert f"`tradeline models card {name}` makes it" in shown(settings)
    page.rmdir()
    assert tradeline(settings.home, "models", "card", name).returncode == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>") and unmade(settings) == []
    before = page.read_bytes()
    page.with_name("card.json").unlink()
    with monkeypatch.context() as broken:
        broken.setitem(charts.DOTS, "fmt", "no such marker")  # a plot that cannot be drawn
        assert write_card_or_go_on(settings, "run-2", name) is None
    assert not page.with_name("card.json").exists()  # both files or neither
    shutil.rmtree(settings.models / "training")
    assert write_card_or_go_on(settings, "run-2", name) is None
    assert page.read_bytes() == before and len(unmade(settings)) == 1


def test_an_mlflow_that_is_down_is_listed(settings: Settings) -> None:
    from ml.reports.mlflow.tracking import log_if_tracked

    tracked = settings.model_copy(update={"mlflow_tracking_uri": "http://127.0.0.1:9"})
    log_if_tracked(tracked, "run-1", "2026-01-31-00000000")
    (entry,) = unmade(settings)
    assert "`tradeline models log 2026-01-31-00000000` does it" in entry.message


def test_the_address_of_a_webhook_is_not_in_the_journal(settings: Settings) -> None:
    from pipeline.alerts import Alert, send_alert

    told = settings.model_copy(update={"alert_webhook": "http://127.0.0.1:9/secret-token"})
    send_alert(told, Alert("seller_marts", "raw_gate", "run-1", "no file", ""))
    (entry,) = unmade(settings)
    assert entry.step == "side work: alert by webhook" and "secret-token" not in str(read_journal(settings))


def test_simulating_stands_without_its_report(settings: Settings) -> None:
    settings.home.mkdir()
    settings.reports.write_text("a file in the place of the folder")
    numbers = ("--sellers", "20", "--days", "40")
    done = tradeline(settings.home, "simulate", *numbers, "--report")
    assert done.returncode == 0 and "market report could not be made" in done.stderr
    assert unmade(settings) and any(settings.landing.glob("sellers/*"))
    settings.reports.unlink()
    assert tradeline(settings.home, "simulate", *numbers, "--report").returncode == 0
    assert unmade(settings) == [] and (settings.reports / "market.html").exists()


def test_error_bars_of_bins_without_bad_rows() -> None:
    """Wilson's low end used to come out a rounding error above a share of 0, at some counts of rows."""
    rates = [wilson(bad / rows, rows) for rows in range(1, 400) for bad in (0, rows)]
    for is_flat in (False, True):
        plot = charts.axes()
        charts.error_bars(plot, range(len(rates)), rates, is_flat=is_flat)
        assert charts.svg(plot).startswith("<svg")
    one = charts.axes()
    charts.error_bars(one, [0], [Estimate(value=0.5, low=0.25, high=0.625)])
    ((low, high),) = one.containers[0][2][0].get_segments()
    assert (low[1], high[1]) == (0.25, 0.625)


def test_an_expected_failure_is_held_back_like_any_other(settings: Settings) -> None:
    with never_stops(settings, "run-1", "page", "nothing"):
        raise TradelineError("two\nlines")
    assert "two lines" in unmade(settings)[0].message
