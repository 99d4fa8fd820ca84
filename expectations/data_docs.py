"""Data Docs: Great Expectations' own result pages, in a template that needs nothing from the net, and a list of runs.

Its site builder is not used: its index stays empty without scripts from the net, and its pages load their styles there.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from expectations.report import GateReport, GateResult, gates_folder, read_report
from tradeline.errors import TradelineError
from tradeline.files import write_whole
from tradeline.settings import Settings
from tradeline.side_work import note_made

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
LISTED_GATES = 400
DATA_DOCS = "Data Docs of the gates"


@dataclass(frozen=True)
class Page:
    """One table's part of a gate: Great Expectations' validation result and what we made of it."""

    table: str
    validated: Any
    results: tuple[GateResult, ...]


def data_docs_folder(settings: Settings) -> Path:
    """Where the pages are: ``index.html`` and ``<run_id>/<gate>/<table>.html``."""
    return settings.reports / "data_docs"


def write_pages(settings: Settings, report: GateReport, pages: list[Page]) -> None:
    """Write a gate's pages, and the index of the latest gates anew."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer

    templates, stylesheet = _templates()
    folder = data_docs_folder(settings)
    for page in pages:
        document = ValidationResultsPageRenderer(run_info_at_end=True).render(page.validated).to_json_dict()
        values = {"report": report, "table": page.table, "results": page.results, "stylesheet": stylesheet}
        text = templates.get_template("page.html.j2").render(**document, **values)
        write_whole(folder / report.run_id / report.gate / f"{page.table}.html", text)
    write_index(settings)


def write_index(settings: Settings) -> Path:
    """Write the index of the latest gates, and in plain the pages that are missing; the index.

    What Great Expectations itself had to say is not kept, so that a page made later shows our results alone.
    """
    templates, stylesheet = _templates()
    folder, gates = data_docs_folder(settings), _latest(settings)
    for _, report, tables in gates:
        for table in tables:
            path = folder / report.run_id / report.gate / f"{table}.html"
            if not path.exists():
                results = [result for result in report.results if result.table == table]
                page = templates.get_template("page.html.j2")
                values = {"report": report, "table": table, "results": results, "stylesheet": stylesheet}
                write_whole(path, page.render(sections=[], **values))
    index = folder / "index.html"
    write_whole(index, templates.get_template("index.html.j2").render(gates=gates, stylesheet=stylesheet))
    note_made(settings, "data_docs", DATA_DOCS)
    return index


@cache
def _templates() -> tuple[Any, str]:
    """Great Expectations' Jinja environment with our templates, and our style; the gates of a run compile it once."""
    from great_expectations.render.view.view import DefaultJinjaPageView

    templates = DefaultJinjaPageView(custom_views_directory=str(HERE / "templates")).env
    return templates, (HERE / "data_docs.css").read_text(encoding="utf-8")


def _latest(settings: Settings) -> list[tuple[str, GateReport, list[str]]]:
    """When, what and which tables' pages, the latest gate first."""
    kept = sorted(gates_folder(settings).glob("*/*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [listed for path in kept[:LISTED_GATES] if (listed := _listed(path))]


def _listed(path: Path) -> tuple[str, GateReport, list[str]] | None:
    try:
        report = read_report(path)
    except (OSError, TradelineError) as error:
        log.warning("%s is left out of the Data Docs, it cannot be read: %s", path, error)
        return None
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}", report, sorted({result.table for result in report.results})
