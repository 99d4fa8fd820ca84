"""How the terminal shows sources, and what a mapping makes of one."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cli.screens.tables import pairs, table
from ingest.sources.check import SourceCheck
from ingest.sources.listing import SourceStanding

FAULTS_SHOWN = 10
FEATURES_NAMED = 3


def render_sources(sources: Sequence[SourceStanding]) -> RenderableType:
    """One line a source."""
    if not sources:
        return "no source yet: `tradeline source new NAME --url URL` writes a first mapping"
    rows = [
        (
            source.name,
            source.kind,
            source.schedule,
            "yes" if source.is_required else "no",
            str(source.landed_through or "never"),
            f"{source.landed_at:%Y-%m-%d %H:%M} UTC" if source.landed_at else "",
            source.problem or ", ".join(f"{rows:,} {name}" for name, rows in (source.rows or {}).items()),
        )
        for source in sources
    ]
    return table(("source", "kind", "schedule", "required", "landed through", "landed at", "last rows"), rows)


def render_check(found: SourceCheck) -> RenderableType:
    """The first rows of each table, and below them what is refused, set aside and missing."""
    parts: list[RenderableType] = []
    for name, (columns, rows) in found.first_rows.items():
        parts += [Text(f"{name}: {found.rows[name]:,} rows, the first {len(rows)}", "bold")]
        parts += [table(("column", *("" for _ in rows)), _turned(columns, rows)), ""]
    said = [("refused", fault) for fault in found.faults[:FAULTS_SHOWN]]
    if len(found.faults) > FAULTS_SHOWN:
        said.append(("refused", f"and {len(found.faults) - FAULTS_SHOWN:,} more"))
    said += [
        (
            "waits" if aside.waits_for else "set aside",
            f"{aside.table}: {aside.rows:,} rows: {aside.column} {aside.reason}, such as {aside.example}",
        )
        for aside in found.set_aside
    ]
    said += [
        ("not mapped", f"{name}: {', '.join(columns)}") for name, columns in found.missing_columns.items() if columns
    ]
    if found.missing_tables:
        said.append(("no table", ", ".join(found.missing_tables)))
    said += [
        ("stay null", f"without {what}: {len(names)} features, such as {', '.join(names[:FEATURES_NAMED])}")
        for what, names in found.null_features.items()
    ]
    said.append(("read", f"{found.read_rows:,} rows, at most {found.limit:,} of each table"))
    verdict = "nothing would land: correct what is refused" if found.faults else "this would land"
    return Group(*parts, pairs(said), Text(verdict, "bold red" if found.faults else "bold green"))


def _turned(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[list[str]]:
    """One line a column, since a terminal is narrower than a table of the contract."""
    values = zip(*rows, strict=True)
    return [
        [column, *("" if value is None else str(value) for value in of_rows)]
        for column, of_rows in zip(columns, values, strict=True)
        if any(value is not None for value in of_rows)
    ]
