"""Questions in SQL to what is published; nothing can be changed by one."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from tradeline.contracts.publications import TABLES, attach, marts_file, read_publications
from tradeline.damage import damage_told, damaged
from tradeline.database import connect
from tradeline.errors import Damaged, TradelineError
from tradeline.files import printable
from tradeline.settings import Settings
from tradeline.sql import literal

log = logging.getLogger(__name__)

REACH = (
    f"Tables of the latest night: {', '.join(TABLES)}, publications, reason_codes; "
    f"of all nights: {', '.join(f'history.{table}' for table in TABLES)}."
)


@dataclass(frozen=True)
class Result:
    """A query's answer: ``types`` are DuckDB's names of the columns' types, ``rows`` hold Python values."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def query(settings: Settings, sql: str) -> Result:
    """Answer one ``select`` (or ``from``, ``with``, ``values``, ``describe``, ``summarize``, ``show``) statement.

    Each call sees the newest publication, waits for nobody and keeps nobody waiting.

    Raises:
        TradelineError: nothing is published yet, the statement is more than a question, or DuckDB refuses it.
    """
    check_published(settings)
    if printable(sql) != sql:
        raise TradelineError(f"{printable(sql)!r} is not UTF-8 text")
    # A folder of its own, because DuckDB lets a question read whatever is in the folder that it spills to.
    with TemporaryDirectory(prefix="tradeline-sql-") as spill, connect(settings, spill=Path(spill)) as connection:
        faults = _open(settings, connection)
        try:
            answer = connection.execute(_only_question(connection, sql))
            description, rows = answer.description or [], answer.fetchall()
        except duckdb.Error as error:
            damage = [fault for table, fault in faults.items() if table in sql.lower()]
            raise TradelineError("\n".join(damage or [str(error), REACH])) from error
    return Result(tuple(column[0] for column in description), tuple(str(column[1]) for column in description), rows)


def check_published(settings: Settings) -> None:
    """Make sure that there is something to read.

    Raises:
        TradelineError: nothing is published yet, or what was is missing.
    """
    if not marts_file(settings).exists() and not read_publications(settings):
        raise TradelineError(
            f"nothing is published in {settings.published}: land data with `tradeline land`, "
            "then run `tradeline run --as-of DATE`"
        )


def _open(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Show the published tables and their history, and shut everything else.

    A table's history of which a file is damaged is left out, and said here, so that all other questions are answered.
    """
    faults = {}
    with damage_told(settings.home):
        attach(connection, marts_file(settings), "marts")
    connection.execute("attach ':memory:' as history")
    for table in TABLES:
        paths = connection.execute(
            "select path from marts.publications where is_current and table_name = ? order by as_of", [table]
        ).fetchall()
        if paths:
            kept = [path for (path,) in paths]
            try:
                connection.execute(f"create view history.{table} as select * from {read_kept(settings, kept)}")
            except duckdb.Error as error:
                found = unreadable(settings, connection, kept).values() or [error]
                faults[table] = "\n".join([f"history.{table} cannot be read:", *map(str, found)])
                log.warning("%s", faults[table])
        else:
            with suppress(duckdb.CatalogException):  # every night is withdrawn, or the table came later
                connection.execute(f"create view history.{table} as from marts.{table} limit 0")
    connection.execute("use marts")
    connection.execute(f"set allowed_directories = [{literal(settings.published)}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return faults


def unreadable(settings: Settings, connection: duckdb.DuckDBPyConnection, paths: list[str]) -> dict[str, Damaged]:
    """Of kept files of a table, those that cannot be opened, by path, each with what mends it."""
    try:
        connection.execute(f"describe from {read_kept(settings, paths)}")
    except duckdb.Error as error:
        problem = f"cannot be read ({str(error).partition(chr(10))[0]})"
        if len(paths) == 1:
            return {paths[0]: damaged(settings.home, settings.published / paths[0], problem)}
        return {name: fault for path in paths for name, fault in unreadable(settings, connection, [path]).items()}
    return {}


def read_kept(settings: Settings, paths: list[str]) -> str:
    """Kept files of one table, as SQL; columns that came later are null in older files."""
    files = ", ".join(literal(settings.published / path) for path in paths)
    return f"read_parquet([{files}], union_by_name = true, hive_partitioning = false)"


def _only_question(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The single reading statement in ``sql``."""
    statements = connection.extract_statements(sql)
    kinds = [statement.type.name for statement in statements]
    if kinds != ["SELECT"]:
        found = ", ".join(kinds) or "no statement"
        raise TradelineError(
            f"published marts are only read, by one SELECT at a time (found: {found}); "
            "to keep results, use --format csv or json"
        )
    return statements[0]
