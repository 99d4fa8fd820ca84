"""Data Docs: readable without the net, failures visible, runs listed."""

import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from expectations.data_docs import data_docs_folder
from expectations.gate import _again, run_gate
from expectations.report import GateReport
from expectations.suite import GateName
from tests.command import tradeline
from tests.expectations.warehouse import AS_OF, change
from tradeline.errors import GateFailed
from tradeline.settings import Settings
from tradeline.side_work import unmade

pytestmark = pytest.mark.slow


@pytest.fixture
def site(settings: Settings) -> Path:
    """Pages of two runs, of which the second failed on a value that looks like markup."""
    run_gate(settings, "scores_out", settings.warehouse, "run-1", [AS_OF])
    change(
        settings.warehouse,
        "update marts.credit_scores set score = 1200, seller_id = '<b>7</b>' where seller_id = 'seller-7'",
    )
    with pytest.raises(GateFailed):
        run_gate(settings, "scores_out", settings.warehouse, "run-2", [AS_OF])
    return data_docs_folder(settings)


def text(page: Path) -> str:
    return unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL))


def test_no_page_refers_to_the_net_and_every_link_leads_somewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) == 3
    for page in pages:
        content = page.read_text()
        assert not re.search(r"(src|href)\s*=\s*[\"']?\s*(https?:)?//|@import|url\(|<script", content)
        for link in re.findall(r"href=\"([^\"#]+)\"", content):
            assert (page.parent / link).exists(), f"{page}: {link}"


def test_a_failed_expectation_is_visible_in_the_page(site: Path) -> None:
    page = text(site / "run-2/scores_out/marts.credit_scores.html")
    assert "Failed marts.credit_scores.score: expected column values to be at least" in re.sub(r"\s+", " ", page)
    assert "score=1200" in page
    assert "1 unexpected values found" in page
    assert "<b>7</b>" not in (site / "run-2/scores_out/marts.credit_scores.html").read_text()


def test_a_passed_gate_shows_what_was_checked(site: Path) -> None:
    page = text(site / "run-1/scores_out/marts.credit_scores.html")
    assert "Failed" not in page
    assert "values must be greater than or equal to" in re.sub(r"\s+", " ", page)


def test_the_index_lists_runs_the_latest_first(site: Path) -> None:
    index = text(site / "index.html")
    assert index.index("run-2") < index.index("run-1")
    assert "failed" in index
    assert "passed" in index
    assert "score=1200" in index


@pytest.mark.parametrize("folder", ["reports", "reports/data_docs", "reports/gates"])
def test_the_verdict_does_not_depend_on_pages_or_reports(
    settings: Settings, folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = settings.home / folder
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file in the place of the folder")
    assert run_gate(settings, "scores_out", settings.warehouse, "run-1", [AS_OF]).is_passed
    change(settings.warehouse, "update marts.credit_scores set score = 1200 where seller_id = 'seller-7'")
    with pytest.raises(GateFailed, match="score=1200"):
        run_gate(settings, "scores_out", settings.warehouse, "run-2", [AS_OF])
    assert "could not be made: " in caplog.text and unmade(settings)
    blocked.unlink()
    if folder == "reports/data_docs":  # the reports are there: a command makes the pages
        done = tradeline(settings.home, "docs", "--gates")
        assert done.returncode == 0, done.stderr
    else:  # the next run of the night does
        with pytest.raises(GateFailed):
            run_gate(settings, "scores_out", settings.warehouse, "run-2", [AS_OF])
    page = text(data_docs_folder(settings) / "run-2/scores_out/marts.credit_scores.html")
    assert "Failed marts.credit_scores.score: expected column values to be at least" in re.sub(r"\s+", " ", page)
    assert "run-2" in text(data_docs_folder(settings) / "index.html") and unmade(settings) == []


def test_pages_that_are_missing_are_made_by_the_next_gate_and_a_damaged_report_is_left_out(site: Path) -> None:
    settings = Settings(home=site.parent.parent)
    missing = site / "run-2/scores_out/marts.credit_scores.html"
    missing.unlink()
    (settings.reports / "gates" / "run-1" / "scores_out.json").write_text("{")
    run_gate(settings, "features_out", settings.warehouse, "run-3", [AS_OF])
    page = text(missing)
    assert "score=1200" in page and "not met" in page and "<script" not in missing.read_text()
    index = text(site / "index.html")
    assert "run-3" in index and "run-2" in index and "run-1" not in index


@pytest.mark.parametrize(
    ("gate", "days", "command"),
    [
        ("scores_out", (31,), "`tradeline run --as-of 2026-01-31` makes it"),
        ("raw_in", (31,), "`tradeline run --as-of 2026-01-31 --force-from 2026-01-31` makes it"),
        ("offers_out", (30, 31), "`tradeline run --from 2026-01-30 --to 2026-01-31` makes it, with --every as before"),
    ],
)
def test_a_report_that_was_not_kept_comes_with_the_command_that_makes_it(
    gate: GateName, days: tuple[int, ...], command: str
) -> None:
    nights = tuple(date(2026, 1, day) for day in days)
    assert _again(GateReport(gate, "run-1", nights, True, (), 0.1, ())) == command
