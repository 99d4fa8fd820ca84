"""Sources of kind ``files``: CSV (also .gz and .zst) and Parquet, in a folder or an object store."""

import codecs
import csv
import io
import logging
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from fsspec import AbstractFileSystem

from ingest.sources.mapping import Dialect, Read, Source
from ingest.sources.readers.reader import FoundTable, Loaded, Window
from ingest.sources.readers.stores import filesystem_of, store_errors
from tradeline.errors import BadInput, TradelineError
from tradeline.progress import track
from tradeline.settings import Settings
from tradeline.sql import identifier, literal, plain_path

log = logging.getLogger(__name__)

COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
SUFFIXES = (".csv", ".txt", ".tsv", ".parquet")
LINE_MAX = 8_000_000
FILES_NAMED = 3
# What of DuckDB's words about a CSV file is told.
CSV_ERRORS = (
    r"CSV Error on Line: \d+",
    r"^Expected Number of Columns: \d+ Found: \d+",
    r"^Invalid unicode \(byte sequence mismatch\) detected",
    r"^Maximum line size of \d+ bytes exceeded",
    r"^Value with unterminated quote found",
    r"^The CSV Parser state machine reached an invalid state",
)
BLANKS = " \t\r\n\u00a0\u3000\ufeff"


@dataclass(frozen=True)
class FoundFile:
    """One file; ``version`` changes with its content, ``at`` is when it was last changed, in UTC."""

    path: str
    version: str
    at: datetime

    @property
    def seen(self) -> tuple[str, str]:
        """How a state remembers it."""
        return self.path, self.version


class FilesReader:
    """Files below one folder; CSV is read as it lies or, where it is packed or not in UTF-8, from a copy in UTF-8."""

    def __init__(self, source: Source, filesystem: AbstractFileSystem, root: str, copies: Path) -> None:
        self._source, self._filesystem, self._root, self._copies = source, filesystem, root.rstrip("/"), copies
        self._copied: dict[str, str] = {}

    def tables(self) -> list[FoundTable]:
        """Every file by itself, as a read of ``files`` could name it."""
        found = []
        for path in sorted(self._filesystem.find(self._root)):
            name = path.removeprefix(self._root + "/")
            if _plain_name(name).endswith(SUFFIXES) and not Path(name).name.startswith((".", "_")):
                found.append(FoundTable(name, tuple(self._columns(path, self._source.dialect).items())))
        return found

    def load(self, connection: duckdb.DuckDBPyConnection, name: str, read: Read, window: Window) -> Loaded:
        """As ``Reader.load``; of a read with ``new_files`` those that were not seen."""
        found = self.found(read)
        if not found:
            patterns = read.files if isinstance(read.files, str) else " or ".join(read.files or ())
            raise BadInput(f"read.{name}: no file is like {patterns} in {self._root}: correct files or url, or wait")
        new = [file for file in found if file.seen not in window.seen_files] if read.new_files else found
        dialect = self._source.dialect_of(read)
        groups: dict[tuple[str, ...], list[FoundFile]] = defaultdict(list)
        for file in track(new or found[-1:], f"reading {name}", len(new)):
            groups[tuple(self._columns(file.path, dialect))].append(file)
        _warn_of_differences(name, groups)
        selects = [self._select(connection, files, list(columns), dialect) for columns, files in groups.items()]
        # Of files of one moment, the last by name is the latest.
        days = ", ".join(
            f"({literal(file.path)}, {literal(self._at(file, read) + timedelta(microseconds=number))}::timestamp)"
            for number, file in enumerate(new or found[-1:])
        )
        limit = f" limit {window.limit}" if window.limit is not None else ""
        try:
            connection.execute(
                f"""
                create or replace table {identifier(name)} as
                with rows_of_files as ({" union all by name ".join(selects)}),
                days (source_file, source_file_at) as (values {days})
                from rows_of_files join days using (source_file) {"" if new else "where false"}{limit}
                """
            )
        except duckdb.Error as error:
            raise BadInput(f"read.{name}: {self._in_words(error)}") from error
        self._refuse_changes(found)
        ((rows,),) = connection.execute(f"select count(*) from {identifier(name)}").fetchall()
        size = sum(int(self._filesystem.size(file.path) or 0) for file in new)
        return Loaded(rows, size, tuple(file.seen for file in found) if read.new_files else ())

    def found(self, read: Read) -> list[FoundFile]:
        """The files of a read, in the order of their paths."""
        patterns = [read.files] if isinstance(read.files, str) else list(read.files or ())
        root = plain_path(Path(self._root))
        paths = sorted({path for pattern in patterns for path in self._filesystem.glob(f"{root}/{pattern}")})
        plain = [path for path in paths if not path.rpartition("/")[2].startswith((".", "_"))]
        return [self._info(path) for path in plain if self._filesystem.isfile(path)]

    def _info(self, path: str) -> FoundFile:
        info: dict[str, Any] = self._filesystem.info(path)
        changed: Any = info.get("mtime", info.get("last_modified", info.get("LastModified")))
        at: datetime = datetime.fromtimestamp(changed, UTC) if isinstance(changed, int | float) else changed
        version = f"{info['size']} {info.get('e_tag') or info.get('ETag') or changed}"
        return FoundFile(path, version, at.astimezone(UTC).replace(tzinfo=None))

    def _at(self, file: FoundFile, read: Read) -> datetime:
        if read.file_day is None:
            return file.at
        found = re.search(read.file_day, Path(file.path).name)
        try:
            return datetime.strptime(re.sub(r"\D", "", found[1]) if found else "", "%Y%m%d")
        except (ValueError, IndexError) as error:
            raise BadInput(
                f"{file.path}: file_day {read.file_day!r} finds no day in the name: let its first group be year, month "
                "and day, in that order"
            ) from error

    def _columns(self, path: str, dialect: Dialect) -> dict[str, str]:
        """Names and types; of CSV from the header, names that are empty or twice there by their place."""
        if _plain_name(path).endswith(".parquet"):
            import pyarrow.parquet as pq

            with _read_whole(path), self._filesystem.open(path) as file:
                return {field.name: str(field.type) for field in pq.read_schema(file)}
        with self._opened(path) as raw:
            lines = io.TextIOWrapper(raw, _codec(dialect, path), errors="replace", newline="")
            for _ in range(dialect.skip_lines):
                lines.readline()
            quoted: Any = {"quotechar": dialect.quote} if dialect.quote else {"quoting": csv.QUOTE_NONE}
            header = next(csv.reader(lines, delimiter=dialect.delimiter, **quoted), [])
        if not header:
            raise BadInput(f"{path}: no header in line {dialect.skip_lines + 1}: correct skip_lines, or the file")
        return dict.fromkeys(_distinct(header), "text")

    def _select(
        self, connection: duckdb.DuckDBPyConnection, files: list[FoundFile], columns: list[str], dialect: Dialect
    ) -> str:
        paths = {self._readable(file.path, dialect): file.path for file in files}
        read, meant = (", ".join(map(literal, each)) for each in (paths, paths.values()))
        named = f"list_element([{meant}], list_position([{read}], read_path))"
        listed = ", ".join(literal(plain_path(Path(path)) if "://" not in path else path) for path in paths)
        if _plain_name(files[0].path).endswith(".parquet"):
            rows = f"read_parquet([{listed}], filename = 'read_path')"
            return f"select * exclude (read_path), {named} as source_file from {rows}"
        for readable, path in paths.items():
            _refuse_open_quote(Path(readable), path, dialect)
        types = ", ".join(f"{literal(column)}: 'varchar'" for column in columns)
        no_value = ", ".join(map(literal, ["", *dialect.no_value]))
        values = ", ".join(
            f"if({trimmed} in ({no_value}), null, {trimmed}) as {identifier(column)}"
            for column in columns
            for trimmed in [f"trim({identifier(column)}, {literal(BLANKS)})"]
        )
        rows = f"""read_csv(
            [{listed}], auto_detect = false, columns = {{{types}}}, header = true, skip = {dialect.skip_lines},
            delim = {literal(dialect.delimiter)}, quote = {literal(dialect.quote)}, escape = {literal(dialect.quote)},
            null_padding = true, parallel = false, max_line_size = {LINE_MAX}, filename = 'read_path'
        )"""
        return f"select {values}, {named} as source_file from {rows}"

    def _readable(self, path: str, dialect: Dialect) -> str:
        """A path that DuckDB can read: the file's own, or that of a copy in UTF-8."""
        is_parquet = _plain_name(path).endswith(".parquet")
        is_utf8 = codecs.lookup(dialect.encoding).name == "utf-8"
        if "file" in _protocols(self._filesystem) and (is_parquet or (is_utf8 and _plain_name(path) == path)):
            return path
        copy = self._copies / f"{len(list(self._copies.iterdir()))}-{Path(_plain_name(path)).name}"
        self._copied[str(copy)] = path
        with self._opened(path) as raw, copy.open("wb") as target:
            if is_parquet or is_utf8:
                shutil.copyfileobj(raw, target, 1 << 20)
            else:
                _transcode(raw, target, path, _codec(dialect, path))
        return str(copy)

    @contextmanager
    def _opened(self, path: str) -> Iterator[Any]:
        """The bytes of a file, unpacked."""
        compression = COMPRESSIONS.get(Path(path).suffix)
        with _read_whole(path), self._filesystem.open(path, "rb") as packed:
            if compression is None:
                yield packed
            else:
                with pa.CompressedInputStream(pa.PythonFile(packed, "r"), compression) as unpacked:
                    yield io.BufferedReader(unpacked)

    def _in_words(self, error: duckdb.Error) -> str:
        """What DuckDB says of a file, under the file's own name, and what to do."""
        text = str(error)
        found = re.findall(r"^  file = (.+)$", text, re.MULTILINE)
        if not found:
            return "; ".join(line.strip() for line in text.splitlines()[:3] if line.strip())
        what = "encoding" if "unicode" in text else "delimiter, quote or skip_lines"
        # The row itself, which DuckDB quotes, may be personal.
        told = [each[0] for pattern in CSV_ERRORS if (each := re.search(pattern, text, re.MULTILINE))]
        said = "; ".join(told) or "cannot be read"
        return f"{self._copied.get(found[-1], found[-1])}: {said}: correct {what} in the dialect, or the file"

    def _refuse_changes(self, before: list[FoundFile]) -> None:
        for file in before:
            if not self._filesystem.exists(file.path) or self._info(file.path).version != file.version:
                raise TradelineError(f"{file.path} changed while it was read: run again once the upload has ended")


@contextmanager
def open_files(settings: Settings, name: str, source: Source) -> Iterator[FilesReader]:
    """Open a folder or a bucket of files.

    Raises:
        BadInput: there is no such folder.
    """
    import tempfile

    filesystem, root = filesystem_of(settings, name, source)
    if not filesystem.exists(root):
        raise BadInput(f"{root}: no such folder; correct url in {settings.sources / name}.yml")
    with store_errors(name), tempfile.TemporaryDirectory(prefix=".copies-", dir=settings.sources) as copies:
        yield FilesReader(source, filesystem, root, Path(copies))


def _warn_of_differences(name: str, groups: Mapping[tuple[str, ...], list[FoundFile]]) -> None:
    """Say which files of one read lack columns of others: they are joined by name, and a slip would go unnoticed."""
    every = {column.lower(): column for columns in groups for column in columns}
    lacking = [
        f"{files[0].path}{f' and {len(files) - 1} more' * (len(files) > 1)} without {', '.join(missing)}"
        for columns, files in groups.items()
        if (missing := [every[each] for each in every if each not in {column.lower() for column in columns}])
    ]
    if lacking:
        told = "; ".join(lacking[:FILES_NAMED]) + f"; and {len(lacking) - FILES_NAMED} more" * (
            len(lacking) > FILES_NAMED
        )
        log.warning("read %s: headers differ; what a file does not have is empty in its rows: %s", name, told)


def _distinct(header: list[str]) -> list[str]:
    """The columns of a header; those without a name, or with one that is there already, by their place."""
    columns, taken = [], {"source_file", "source_file_at"}
    for number, written in enumerate(header, 1):
        column = written.strip(BLANKS) or f"column_{number}"
        while column.lower() in taken:
            column = f"{column}_{number}"
        columns.append(column)
        taken.add(column.lower())
    return columns


def _plain_name(path: str) -> str:
    """The name without what says that it is packed."""
    return path[: -len(Path(path).suffix)] if Path(path).suffix in COMPRESSIONS else path


def _protocols(filesystem: AbstractFileSystem) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _codec(dialect: Dialect, path: str) -> str:
    try:
        name = codecs.lookup(dialect.encoding).name
    except LookupError as error:
        raise BadInput(f"{path}: encoding {dialect.encoding!r} is none that Python knows") from error
    return "utf-8-sig" if name == "utf-8" else name


def _transcode(raw: Any, target: Any, path: str, codec: str) -> None:
    decoder = codecs.getincrementaldecoder(codec)()
    done = 0
    try:
        while chunk := raw.read(1 << 20):
            target.write(decoder.decode(chunk).encode())
            done += len(chunk)
        target.write(decoder.decode(b"", final=True).encode())
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path}: byte {done + error.start} is not {codec} ({error.reason}): correct encoding in the dialect"
        ) from error


@contextmanager
def _read_whole(path: str) -> Iterator[None]:
    """Name a file that is not what its name says, or not all of it."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # of the system, not of what is in the file
        raise BadInput(f"{path} cannot be read ({error}): export it again, or correct its name") from error


def _refuse_open_quote(readable: Path, path: str, dialect: Dialect) -> None:
    """Refuse a quote that nothing closes: DuckDB would leave out what is behind it, and say nothing."""
    if not dialect.quote:
        return
    with readable.open("rb") as content:
        if sum(chunk.count(dialect.quote.encode()) for chunk in iter(lambda: content.read(1 << 20), b"")) % 2 == 0:
            return
    csv.field_size_limit(LINE_MAX)
    with readable.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
        for _ in range(dialect.skip_lines):
            lines.readline()
        line = 1
        try:
            for _ in rows:
                line = rows.line_num + 1
        except csv.Error as error:
            raise BadInput(
                f"{path}, line {line + dialect.skip_lines}: a quote ({dialect.quote}) is not closed ({error}): correct "
                "quote in the dialect, or the file"
            ) from error
