"""Which tables of a source a mapping needs, and reading them: what is new since the marks, in one consistent view."""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from ingest.sources.mapping import Read, Source
from ingest.sources.readers.reader import Reader, Window
from ingest.sources.shape import types_of
from ingest.sources.state import Mark
from tradeline.database import scalar
from tradeline.errors import BadInput
from tradeline.sql import identifier

log = logging.getLogger(__name__)


@dataclass
class Reading:
    """What was read: rows, bytes, and how far each read has come.

    ``whole`` are the tables of the mapping all of whose reads are read whole every time; ``appended`` those that read
    what only grows; ``by_file_day`` those that read files which are named by their day. ``by_update`` those
    whose query reads something by ``updated_at``. ``overlap_minutes``: how much of what was read by ``updated_at`` the
    next landing reads again. ``is_part``: a read stopped at its limit. ``columns``: the contract's columns that each
    table of the mapping has.
    """

    rows: int = 0
    bytes: int = 0
    marks: dict[str, Mark] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    appended: set[str] = field(default_factory=set)
    by_file_day: set[str] = field(default_factory=set)
    by_update: set[str] = field(default_factory=set)
    overlap_minutes: int = 0
    is_part: bool = False
    columns: dict[str, list[str]] = field(default_factory=dict)


def read_tables(
    connection: duckdb.DuckDBPyConnection,
    reader: Reader,
    source: Source,
    tables: Iterable[str],
    marks: Mapping[str, Mark],
    until: datetime | None,
    limit: int | None = None,
) -> Reading:
    """Load into the DuckDB file what the mapping's ``tables`` need, each read under its name.

    ``marks``: how far each read has come, none of which has everything read; ``until``: the moment up to which changes
    are asked for; ``limit``: at most so many rows of each read.

    Raises:
        BadInput: a query cannot be parsed, or names what the source does not have.
    """
    needed = {table: reads_of(connection, source, table) for table in tables}
    reads = {name: read for found in needed.values() for name, read in found.items()}
    changing = {table: [read for read in found.values() if not read.is_whole] for table, found in needed.items()}
    result = Reading(
        whole={table for table, found in changing.items() if not found},
        appended={table for table, found in changing.items() if found and all(read.append for read in found)},
        by_update={
            table
            for table, found in needed.items()
            if source.tables[table].query and any(read.updated_at for read in found.values())
        },
        by_file_day={table for table, found in needed.items() if any(read.file_day for read in found.values())},
        overlap_minutes=max((read.overlap_minutes for read in reads.values() if read.updated_at), default=0),
    )
    for name, read in sorted(reads.items(), key=lambda each: each[1].belongs_to is not None):
        started = time.monotonic()
        window = _window(connection, name, read, marks, until, limit)
        loaded = reader.load(connection, name, read, window)
        result.rows += loaded.rows
        result.bytes += loaded.bytes or 0
        result.is_part |= loaded.rows == limit
        if not read.is_whole and read.belongs_to is None:
            result.marks[name] = _mark(connection, name, read, marks.get(name), until, loaded.files)
        log.info("read %s: %s rows, %.1f s", name, f"{loaded.rows:,}", time.monotonic() - started)
    return result


def reads_of(connection: duckdb.DuckDBPyConnection, source: Source, table: str) -> dict[str, Read]:
    """The reads that a table of the mapping needs, and those that they belong to.

    Raises:
        BadInput: its query cannot be parsed, or names a table that no read has and that is none of the source's own.
    """
    mapped = source.tables[table]
    names = {mapped.of} if mapped.of else _tables_of(connection, mapped.query or "", f"tables.{table}.query")
    known = {name.lower(): name for name in source.read}  # SQL does not tell Orders from orders
    names = {known.get(name.lower(), name) for name in names if name}
    reads = {name: source.read.get(name) or _implied(source, name, f"tables.{table}") for name in names}
    parents = {read.belongs_to for read in reads.values() if read.belongs_to}
    return {name: source.read[name] for name in parents} | reads


def _implied(source: Source, name: str, place: str) -> Read:
    if source.kind == "files":
        raise BadInput(f"{place}: {name}: no such read; the reads are {', '.join(source.read) or 'none'}")
    return Read(table=name)


def _tables_of(connection: duckdb.DuckDBPyConnection, query: str, place: str) -> set[str]:
    """The names of the tables that a query reads."""
    tree = json.loads(scalar(connection, "select json_serialize_sql(?)", [query]))
    if tree["error"]:
        raise BadInput(f"{place}: {tree['error_message']}: write one select statement in DuckDB's SQL")
    if len(tree["statements"]) != 1:
        raise BadInput(f"{place}: {len(tree['statements'])} statements: write one select statement in DuckDB's SQL")
    names = set(_tables_in(tree, frozenset()))
    if qualified := sorted(name for name in names if "." in name):
        raise BadInput(
            f"{place}: {qualified[0]}: name it under read (NAME: {{table: {qualified[0]}}}) and use NAME here"
        )
    return names


def _tables_in(node: Any, named: frozenset[str]) -> Iterator[str]:
    """The tables that a part of a query reads, without the common table expressions that are ``named`` around it."""
    if isinstance(node, list):
        for child in node:
            yield from _tables_in(child, named)
    elif isinstance(node, dict):
        yield from _tables_of_node(node, named)


def _tables_of_node(node: dict[str, Any], named: frozenset[str]) -> Iterator[str]:
    if node.get("type") == "BASE_TABLE" and (node["schema_name"] or node["table_name"].lower() not in named):
        yield ".".join(filter(None, [node["schema_name"], node["table_name"]]))
    if node.get("type") == "RECURSIVE_CTE_NODE":
        named |= {node["cte_name"].lower()}
    for each in node.get("cte_map", {}).get("map", []):
        # An expression sees those before it; of its own name it sees the table.
        yield from _tables_in(each["value"], named)
        named |= {each["key"].lower()}
    for key, child in node.items():
        if key != "cte_map":
            yield from _tables_in(child, named)


def _window(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    read: Read,
    marks: Mapping[str, Mark],
    until: datetime | None,
    limit: int | None,
) -> Window:
    mark = marks.get(name)
    if read.updated_at:
        since = mark.until - timedelta(minutes=read.overlap_minutes) if mark and mark.until else None
        # At first everything is read: of a row that has changed since, the states before are still to be told.
        return Window(since=since, until=until if since else None, limit=limit)
    if read.append:
        last = mark.last if mark else None
        value = scalar(connection, f"select ?::{mark.type}", [last]) if mark and last is not None else None
        return Window(since=value, limit=limit)
    if read.new_files:
        return Window(seen_files=frozenset(mark.files if mark else ()), limit=limit)
    if read.belongs_to and (read.belongs_to in marks or limit is not None):
        columns = ", ".join(identifier(column) for column in read.on.values())
        return Window(keys_of=f"select distinct {columns} from {identifier(read.belongs_to)}", limit=None)
    return Window(limit=limit)


def _mark(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    read: Read,
    before: Mark | None,
    until: datetime | None,
    files: tuple[tuple[str, str], ...],
) -> Mark:
    if read.updated_at:
        return Mark(until=until)
    if read.append:
        column = identifier(read.append)
        last = scalar(connection, f"select max({column})::varchar from {identifier(name)}")
        if last is None:
            return before or Mark()
        return Mark(last=last, type=types_of(connection, identifier(name))[read.append])
    return Mark(files=files)
