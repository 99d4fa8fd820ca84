"""What a source has: its tables or groups of files, and samples of them."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
from pydantic import ValidationError

from ingest.sources.draft.folders import found_files
from ingest.sources.draft.found import Found
from ingest.sources.draft.profile import profiles
from ingest.sources.mapping import Kind, Read, Source, TableMap
from ingest.sources.readers.reader import Reader, Window, open_reader
from ingest.validate.missing import no_value_texts
from tradeline.checked import fault_of
from tradeline.database import Limits, connect
from tradeline.errors import BadInput
from tradeline.settings import Settings

log = logging.getLogger(__name__)

# So many rows of a table are looked at.
SAMPLE_ROWS = 2_000


class Survey:
    """An open source: what there is, and samples on demand."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, reader: Reader, found: Sequence[Found], no_value: tuple[str, ...]
    ) -> None:
        self.found = found
        self._connection, self._reader, self._no_value = connection, reader, no_value

    def sample(self, found: Found) -> None:
        """Read some rows of a table and profile its columns, once; where that fails, it is the table's ``fault``."""
        if found.profiles or found.fault:
            return
        try:
            self._reader.load(self._connection, "sample", found.read, Window(limit=SAMPLE_ROWS))
            found.profiles = profiles(self._connection, "sample", self._no_value)
        except BadInput as error:
            found.fault = str(error)
            # Not into the mapping: the error may show a row.
            log.warning("%s: %s", found.name, error)


@contextmanager
def open_survey(settings: Settings, name: str, kind: Kind, url: str | None, connection: str | None) -> Iterator[Survey]:
    """Open a source of which there is no mapping yet.

    Raises:
        BadInput: there is no such file or folder, or access is refused.
        TradelineError: it cannot be reached.
    """
    import tempfile

    # The schema wants a table; none is read of it.
    try:
        probe = Source(kind=kind, url=url, connection=connection, tables={"sellers": TableMap(query="select 1")})
    except ValidationError as error:
        raise BadInput(fault_of(error)) from error
    numberless = tuple(text for text in no_value_texts(settings) if not re.fullmatch(r"[+-]?\d+", text))
    with (
        tempfile.TemporaryDirectory(prefix=".new-", dir=settings.sources) as folder,
        connect(Limits(settings.threads, "500MB"), Path(folder) / "sample.duckdb") as database,
        open_reader(settings, name, probe) as reader,
    ):
        found = found_files(settings, name, probe) if kind == "files" else _tables(reader)
        yield Survey(database, reader, found, numberless)


def _tables(reader: Reader) -> list[Found]:
    return [
        Found(table.name, Read(table=table.name), [name for name, _ in table.columns], table.estimated_rows)
        for table in reader.tables()
    ]
