"""A landed night as it can be spoilt: its rows as SQL, and the files that are to take the place of others."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingest import quarantine
from ingest.landing import NIGHT_PREFIX, LandedFile, Landing
from ingest.place import place
from tradeline.contracts.raw import BY_NAME, SQL_TYPES
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings
from tradeline.sql import identifier, literal, plain_path

# Names of the files that a fault adds to a night, beside or in place of its own, start like this.
ADDED = "fault-"

Edit = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Target:
    """A file that is to be in landing, there already or not."""

    table: str
    arrived_on: date
    name: str

    @property
    def source(self) -> str:
        """``<table>/arrived_on=YYYY-MM-DD/<name>``, below landing."""
        return f"{self.table}/{NIGHT_PREFIX}{self.arrived_on}/{self.name}"


@dataclass
class Night:
    """The night ``on``; changes are made in ``workshop`` and reach landing with ``commit``.

    Queries speak of ``rows``: the rows of a file in their order, typed as the contract says, ``nth`` is 1 for the
    first. ``tables`` are those that the fault ``kind`` spoils and that have landed that night.
    """

    settings: Settings
    kind: str
    on: date
    tables: tuple[str, ...]
    landing: Landing
    connection: duckdb.DuckDBPyConnection
    workshop: Path
    written: dict[Target, Path] = field(default_factory=dict)
    removed: list[LandedFile] = field(default_factory=list)
    keeps_empty_folders: bool = False

    def day(self, days_later: int) -> date:
        """The day some days after the night."""
        return self.on + timedelta(days=days_later)

    def files(self, *tables: str, days_later: int = 0) -> list[LandedFile]:
        """The files of some tables, of this night or of one some days later; none if it has none."""
        return [file for file in self.landing.on(self.day(days_later)) if file.table in tables]

    def first(self, table: str) -> LandedFile:
        """The table's first file that has rows.

        Raises:
            BadInput: none of the night's files has any.
        """
        for file in self.files(table):
            if self.values("select count(*) from rows", [file]) != [0]:
                return file
        raise BadInput(f"{self.kind} needs a row of {table}, and those of {self.on} have none: choose another night")

    def view(self, name: str, files: list[LandedFile]) -> None:
        """Make the rows of files of one table known to queries under a name of their own, too."""
        rows = " union all by name ".join(f"({self._typed(file)})" for file in files)
        self._execute(f"create or replace temp view {name} as select *, row_number() over () as nth from ({rows})")

    def values(self, query: str, files: list[LandedFile]) -> list[object]:
        """The first column of a query over the ``rows`` of all these files."""
        self.view("rows", files)
        return [value for (value, *_) in self._execute(query).fetchall()]

    def rewrite(self, file: LandedFile, query: str) -> None:
        """Replace a file by the outcome of a query over its ``rows``, in the same format and under the same name."""
        self.written[Target(file.table, file.arrived_on, file.name)] = self._copy(file, query, file.name)

    def add(self, file: LandedFile, query: str, days_later: int) -> None:
        """Add a file with the outcome of a query over the ``rows`` of another, some days later."""
        name = f"{ADDED}{file.name}"
        self.written[Target(file.table, self.day(days_later), name)] = self._copy(file, query, name)

    def repeat(self, file: LandedFile, days_later: int = 0) -> None:
        """Add a file's bytes under another name, to this night or some days later."""
        self.written[Target(file.table, self.day(days_later), f"{ADDED}{file.name}")] = file.path

    def convert(self, file: LandedFile, suffix: str, query: str, edit: Edit) -> None:
        """Replace a file by a query over its ``rows`` in another format, its bytes edited.

        The name stays if it fits the format; otherwise the file makes way for one with a name of its own.
        """
        is_named_so = file.name.endswith(suffix)
        name = file.name if is_named_so else f"{ADDED}{file.name.partition('.')[0]}{suffix}"
        path = self._copy(file, query, name)
        path.write_bytes(edit(path.read_bytes()))
        self.written[Target(file.table, file.arrived_on, name)] = path
        if not is_named_so:
            self.removed.append(file)

    def commit(self) -> None:
        """Put the written files into landing, each at once, then take the removed ones away."""
        for target, path in self.written.items():
            place(path, self.settings.landing / target.source)
            quarantine.clear(self.settings, target.table, target.arrived_on, target.name)
        written = {target.source for target in self.written}
        for file in [file for file in self.removed if file.source not in written]:
            file.path.unlink()
            if not self.keeps_empty_folders:
                with suppress(OSError):
                    file.path.parent.rmdir()

    def _typed(self, file: LandedFile) -> str:
        path = literal(plain_path(file.path))
        if file.name.endswith(".parquet"):
            source = f"read_parquet({path}, hive_partitioning = false)"
        else:
            source = f"read_csv({path}, header = true, all_varchar = true, hive_partitioning = false)"
        names = [name for name, *_ in self._execute(f"describe select * from {source}").fetchall()]
        types = {column.name: SQL_TYPES[column.type] for column in BY_NAME[file.table].columns}
        casts = [f"{identifier(name)}::{types[name]} as {identifier(name)}" for name in names if name in types]
        return f"select * replace ({', '.join(casts)}) from {source}"

    def _copy(self, file: LandedFile, query: str, name: str) -> Path:
        self.view("rows", [file])
        path = self.workshop / f"{len(self.written)}-{name}"
        form = "parquet, compression zstd" if name.endswith(".parquet") else "csv, header"
        self._execute(f"copy ({query}) to {literal(str(path))} (format {form})")
        return path

    def _execute(self, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(query)
        except duckdb.Error as error:
            raise TradelineError(
                f"{self.kind} cannot be made of {self.on}: {str(error).splitlines()[0]}; choose another kind if the "
                "night lacks a column, land it again if it is spoilt already"
            ) from error
