"""How landed files are read: grouped by equal columns, so that many files take one query.

Parquet is read where it lies, as often as it is needed; text is parsed once, into a table of the admission file.
"""

import csv
import gzip
import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from ingest.landing import NIGHT_PREFIX, LandedFile
from ingest.validate.fault import Fault
from tradeline.contracts.raw import BY_NAME
from tradeline.database import scalar
from tradeline.sql import identifier, literal, plain_path

log = logging.getLogger(__name__)

# Columns beside those of the files; no file names one of its own like that.
PATH, NIGHT, FILE, ROW = '"source path"', '"source night"', '"source file"', '"source row"'
NIGHT_KEY, ROW_KEY = NIGHT_PREFIX.rstrip("="), "file_row_number"
RENAME = "land it under a name in UTF-8, and discard this one with `tradeline quarantine drop`"
LAND_FILE_AGAIN = "write it anew, whole, and land it again under the same name"

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Source:
    """Files of one table with the same columns, as (name, DuckDB type) in file order; all CSV or all Parquet.

    ``text_table``: where ``with_text`` has put the rows of CSV files.
    """

    is_csv: bool
    columns: Columns
    files: tuple[LandedFile, ...]
    text_table: str | None = None

    def relation(self) -> str:
        """SQL of the rows as they landed, each with its ``NIGHT``, its ``FILE`` (as ``LandedFile.source``) and ``ROW``.

        ``ROW`` is the row's number in its file, 1 for the first row of data.
        """
        if not self.is_csv:
            return f"(select *, {ROW_KEY} + 1 as {ROW}, {self._place()} from {self.scan()})"
        return f"""(
            select text.*, text.rowid - first_row_id + 1 as {ROW} from {self.text_table} as text
            join (select {FILE}, min(rowid) as first_row_id from {self.text_table} group by 1) using ({FILE})
        )"""

    def scan(self) -> str:
        """SQL of a table function that parses the files."""
        paths = "[" + ", ".join(literal(plain_path(file.path)) for file in self.files) + "]"
        nights = f"true, hive_types = {{{NIGHT_KEY}: date}}" if self._has_plain_folders else "false"
        options = f"hive_partitioning = {nights}, filename = {PATH}"
        if not self.is_csv:
            return f"read_parquet({paths}, {options}, {ROW_KEY} = true)"
        columns = ", ".join(f"{literal(name)}: 'varchar'" for name, _ in self.columns)
        return (
            f"read_csv({paths}, {options}, auto_detect = false, header = true, columns = {{{columns}}}, "
            "delim = ',', quote = '\"', escape = '\"', strict_mode = true)"
        )

    def with_text(self, connection: duckdb.DuckDBPyConnection, is_watched: Callable[[str], bool]) -> "Source":
        """Itself; if it is CSV, with the rows parsed into a new table of schema ``text``, in the order of the files.

        The table has the contract's columns, and those beside them that are watched.
        """
        if not self.is_csv:
            return self
        table = BY_NAME[self.files[0].table]
        wanted = {column.name for column in table.columns}
        names = [identifier(name) for name, _ in self.columns if name in wanted or is_watched(name)]
        count = scalar(connection, "select count(*) from duckdb_tables() where schema_name = 'text'")
        text_table = f"text.{table.name}_{count}"
        connection.execute(
            f"create table {text_table} as select {', '.join(names)}, {self._place()} from {self.scan()}"
        )
        return replace(self, text_table=text_table)

    def of(self, files: Iterable[LandedFile]) -> "Source":
        """The same with some of the files only."""
        return replace(self, files=tuple(files))

    @property
    def _has_plain_folders(self) -> bool:
        """Whether DuckDB may take nights from folders' names, and so open only the files of those asked for.

        Of any other folder named ``<column>=<value>`` on the way, it would take that column's value.
        """
        return all("=" not in str(landing) for landing in {file.path.parents[2] for file in self.files})

    def _place(self) -> str:
        night = NIGHT_KEY if self._has_plain_folders else f"regexp_extract({PATH}, '=([^/=]+)/[^/]+$', 1)::date"
        return f"{night} as {NIGHT}, regexp_extract({PATH}, '[^/]+/[^/]+/[^/]+$') as {FILE}"


@dataclass
class Sources:
    """A table's files in readable groups, and the faults of the files that cannot be read at all."""

    groups: list[Source] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def group(connection: duckdb.DuckDBPyConnection, files: list[LandedFile]) -> Sources:
    """Group the files of one table by kind and columns; only headers and footers are read."""
    sources = Sources()
    parquet: list[LandedFile] = []
    by_columns: dict[tuple[bool, Columns], list[LandedFile]] = defaultdict(list)
    for file in files:
        if not file.is_named_in_utf8:
            sources.faults.append(Fault(file, "has a name that is not UTF-8", RENAME))
        elif not file.is_readable:
            sources.faults.append(Fault(file, "is not a file that can be read", "land .parquet, .csv or .csv.gz"))
        elif file.size == 0:
            sources.faults.append(Fault(file, "is empty", LAND_FILE_AGAIN))
        elif file.name.endswith(".parquet"):
            parquet.append(file)
        else:
            header = _csv_header(file)
            if isinstance(header, Fault):
                sources.faults.append(header)
            else:
                by_columns[True, tuple((name, "VARCHAR") for name in header)].append(file)
    for columns, alike in _parquet_columns(connection, parquet, sources.faults):
        by_columns[False, columns] += alike
    sources.groups = [Source(is_csv, columns, tuple(alike)) for (is_csv, columns), alike in by_columns.items()]
    return sources


def merged(sources: list[Source]) -> list[Source]:
    """The sources, Parquet of the same columns joined again."""
    files: dict[Source, list[LandedFile]] = defaultdict(list)
    for source in sources:
        files[source.of(())].extend(source.files)
    return [source.of(alike) for source, alike in files.items()]


def broken_files(connection: duckdb.DuckDBPyConnection, source: Source) -> list[Fault]:
    """Read each file alone to find those that DuckDB cannot read; slow, so only after the group has failed."""
    faults = []
    for file in source.files:
        try:
            # Every value has to be parsed, so every column must be asked for.
            connection.execute(f"select max(hash(columns(*))) from {source.of([file]).scan()}").fetchall()
        except duckdb.Error as error:
            faults.append(unreadable(file, error))
    return faults


def unreadable(file: LandedFile, error: Exception) -> Fault:
    """What DuckDB's error about a file means for the user."""
    text = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    where = f"line {line[1]}: " if line else ""
    for sign, problem, remedy in READ_ERRORS:
        if re.search(sign, text):
            return Fault(file, where + problem, remedy)
    return Fault(file, f"{where}cannot be read ({text.splitlines()[0]})", LAND_FILE_AGAIN)


NOT_UTF8 = (
    "the text is not UTF-8",
    "write it as UTF-8 where it is made, or convert it from the encoding that it was written in (a wrong one garbles "
    "it without a word), and land it again under the same name",
)
QUOTES = ("a quote is never closed or out of place", 'put values with commas or quotes in "...", inner " doubled')
READ_ERRORS = (
    ("not utf-8 encoded", *NOT_UTF8),
    ("unterminated quote|quote should be followed", *QUOTES),
    ("invalid state", "lines end in different ways or a quote is out of place", "end all lines alike, double quotes"),
    (
        r"Expected Number of Columns: \d+ Found: \d+",
        "the row has more or fewer values than the header has columns",
        'put values with commas in "..." and write every column, empty or not',
    ),
    ("GZIP", "the compressed file is damaged or not gzip", LAND_FILE_AGAIN),
    ("magic bytes|too small to be a Parquet", "the Parquet file is truncated or damaged", LAND_FILE_AGAIN),
)


def _csv_header(file: LandedFile) -> list[str] | Fault:
    try:
        header = _first_record(file.path)
    except UnicodeDecodeError:
        return Fault(file, *NOT_UTF8)
    except (OSError, EOFError) as error:
        return unreadable(file, ValueError(f"GZIP: {error}") if file.name.endswith(".gz") else error)
    except csv.Error:
        return Fault(file, f"line 1: {QUOTES[0]}", QUOTES[1])
    if not any(header):
        return Fault(file, "is empty: not even a header", LAND_FILE_AGAIN)
    lowered = [name.lower() for name in header]
    for name in header:
        if not name or lowered.count(name.lower()) > 1:
            problem = "is twice in the header" if name else "the header has a column without a name"
            return Fault(file, problem, "name every column once", value=name or None)
    return header


def _first_record(path: Path) -> list[str]:
    opener: Callable[..., object] = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as lines:  # type: ignore[attr-defined]
        return next(csv.reader(lines, strict=True), [])


def _parquet_columns(
    connection: duckdb.DuckDBPyConnection, files: list[LandedFile], faults: list[Fault]
) -> list[tuple[Columns, list[LandedFile]]]:
    if not files:
        return []
    try:
        schemas = _parquet_schemas(connection, files)
    except duckdb.Error:
        whole = []
        for file in files:
            try:
                _parquet_schemas(connection, [file])
                whole.append(file)
            except duckdb.Error as error:
                faults.append(unreadable(file, error))
        return _parquet_columns(connection, whole, faults)
    by_path = {str(file.path): file for file in files}
    return [(_described(connection, by_path[paths[0]]), [by_path[path] for path in paths]) for paths in schemas]


def _parquet_schemas(connection: duckdb.DuckDBPyConnection, files: list[LandedFile]) -> list[list[str]]:
    """The paths, grouped by equal schema and sorted."""
    rows = connection.execute(
        """
        with schemas as (
            select file_name, string_agg(name || ' ' || coalesce(duckdb_type, ''), ', ' order by column_id) as signature
            from parquet_schema(?) group by file_name
        )
        select list(file_name order by file_name) from schemas group by signature order by 1
        """,
        [[plain_path(file.path) for file in files]],
    ).fetchall()
    return [paths for (paths,) in rows]


def _described(connection: duckdb.DuckDBPyConnection, file: LandedFile) -> Columns:
    path = literal(plain_path(file.path))
    rows = connection.execute(f"describe select * from read_parquet({path}, hive_partitioning = false)").fetchall()
    return tuple((name, kind) for name, kind, *_ in rows)
