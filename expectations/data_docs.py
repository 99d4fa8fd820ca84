"""Data Docs: Great Expectations' own result pages, in a template that needs nothing from the net, and a list of runs.

Its site builder is not used: its index stays empty without scripts from the net, and its pages load their styles there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expectations.report import GateReport, GateResult, gates_folder, read_report, write_whole
from tradeline.settings import Settings

HERE = Path(__file__).parent
LISTED_GATES = 400


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
    from great_expectations.render.view.view import DefaultJinjaPageView

    templates = DefaultJinjaPageView(custom_views_directory=str(HERE / "templates")).env
    stylesheet = (HERE / "data_docs.css").read_text(encoding="utf-8")
    folder = data_docs_folder(settings)
    for page in pages:
        document = ValidationResultsPageRenderer(run_info_at_end=True).render(page.validated).to_json_dict()
        values = {"report": report, "table": page.table, "results": page.results, "stylesheet": stylesheet}
        text = templates.get_template("page.html.j2").render(**document, **values)
        write_whole(folder / report.run_id / report.gate / f"{page.table}.html", text)
    index = templates.get_template("index.html.j2").render(gates=_latest(settings), stylesheet=stylesheet)
    write_whole(folder / "index.html", index)


def _latest(settings: Settings) -> list[tuple[str, GateReport, list[str]]]:
    """When, what and which tables' pages, the latest gate first."""
    kept = sorted(gates_folder(settings).glob("*/*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_listed(path) for path in kept[:LISTED_GATES]]


def _listed(path: Path) -> tuple[str, GateReport, list[str]]:
    report = read_report(path)
    at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}", report, sorted({result.table for result in report.results})
