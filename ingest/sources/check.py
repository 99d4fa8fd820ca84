"""Trying a mapping: the first rows of each table as the contract has them, and what would become of the others."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.sources.extract import Landing, extract, written_files
from ingest.sources.land import last_ended_day
from ingest.sources.names import read_source
from ingest.sources.trial import SetAside, try_files
from tradeline.contracts.needs import null_features
from tradeline.contracts.raw import BY_NAME, TABLES
from tradeline.files import ensure_folder
from tradeline.settings import Settings


@dataclass(frozen=True)
class SourceCheck:
    """What a mapping makes of at most ``limit`` rows of each read.

    ``rows``: by table how many versions would land; ``first_rows``: columns and values of the first;
    ``missing_tables``, ``missing_columns`` (by table): what the contract has and the mapping does not;
    ``null_features``: by what is missing the features that are null in every row for it.
    """

    name: str
    limit: int
    read_rows: int
    rows: Mapping[str, int]
    first_rows: Mapping[str, tuple[list[str], list[tuple[Any, ...]]]]
    faults: Sequence[str]
    set_aside: Sequence[SetAside]
    missing_tables: Sequence[str]
    missing_columns: Mapping[str, Sequence[str]]
    null_features: Mapping[str, Sequence[str]]


def check_source(settings: Settings, name: str, limit: int = 10_000, first_rows: int = 3) -> SourceCheck:
    """Read some rows of the source, shape and validate them as a first landing would; nothing lands.

    Raises:
        BadInput: the mapping is at fault, so that there is nothing to validate.
        TradelineError: the source cannot be reached.
    """
    source = read_source(settings, name)
    ensure_folder(settings.sources)
    with tempfile.TemporaryDirectory(prefix=".check-", dir=settings.sources) as folder:
        work, state = Path(folder) / "work", Path(folder) / "state"
        work.mkdir()
        state.mkdir()
        landing = Landing(settings, name, source, None, last_ended_day(settings), False, work, state, limit)
        reading, rows = extract(landing)
        trial = try_files(settings, written_files(landing), work, first_rows)
    missing_tables = [table.name for table in TABLES if table.name not in source.tables]
    missing_columns = {
        table: [column.name for column in BY_NAME[table].columns if column.name not in reading.columns[table]]
        for table in source.tables
    }
    return SourceCheck(
        name=name,
        limit=limit,
        read_rows=reading.rows,
        rows=rows,
        first_rows=trial.first_rows,
        faults=trial.faults,
        # Of a part of the rows nobody knows whose seller is in the rest.
        set_aside=[each for each in trial.set_aside if not (each.waits_for and reading.is_part)],
        missing_tables=missing_tables,
        missing_columns=missing_columns,
        null_features=null_features(missing_tables, missing_columns),
    )
