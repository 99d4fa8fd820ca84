"""MySQL or MariaDB as a target. Statements that make tables and views count at once there, so they come before rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pymysql
from sqlalchemy.engine import URL, make_url

from serving.targets.contract import Types
from serving.targets.relational import Relational
from serving.targets.target import Target
from tradeline.credentials import url_of, without_password
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings
from tradeline.sql import literal

# As ``information_schema`` names them, but for ``json``, which MariaDB keeps as a checked ``longtext``.
TYPES = Types(
    plain={
        "varchar": "text",
        "date": "date",
        "boolean": "tinyint(1)",
        "integer": "int",
        "bigint": "bigint",
        "double": "double",
        "timestamp": "datetime(6)",
    },
    decimal="decimal",
    nested="json",
    key_text="varchar(255)",
)
# An id is found as it is written, not in whatever case.
STORAGE = "engine innodb character set utf8mb4 collate utf8mb4_bin"
# Values and texts as SQL's standard has them, none cut to fit; times are UTC. A grant to nobody is refused: MariaDB
# alone would make a user without a password of it, and alone reads this comment.
MODE = "concat('STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES' /*M!, ',NO_AUTO_CREATE_USER' */)"
SESSION = f"set session sql_mode = {MODE}, session time_zone = '+00:00'"
CONNECT_SECONDS, ANSWER_SECONDS = 10, 600
# So much of a statement that adds rows, far less than the least that a server allows by default.
STATEMENT_LENGTH = 1_000_000
OPTIONS = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")


@contextmanager
def open_mysql(settings: Settings, name: str, target: Target) -> Iterator[Relational]:
    """The target's database.

    Raises:
        TradelineError: the server cannot be reached, or refuses; in its own words.
    """
    url = url_of(settings, name, target.url, target.connection)
    try:
        with pymysql.connect(**_arguments(name, make_url(url))) as connection:
            yield Relational(settings, target, MySQL(connection))
    except (pymysql.Error, pymysql.Warning) as error:
        said = str(error.args[-1] if error.args else error)
        raise TradelineError(f"MySQL says: {without_password(said, url)}") from None


def _arguments(name: str, url: URL) -> dict[str, Any]:
    """What PyMySQL is to be told."""
    if url.get_backend_name() not in ("mysql", "mariadb") or not url.database:
        raise BadInput(f"the url of {name} names no database of MySQL: write it as in mysql://user@host:3306/database")
    if unknown := sorted(set(url.query) - set(OPTIONS)):
        raise BadInput(f"the url of {name} has {', '.join(unknown)}: of options there are {', '.join(OPTIONS)}")
    return {
        "host": url.host or "localhost",
        "port": url.port or 3306,
        "user": url.username,
        "password": url.password or "",
        "database": url.database,
        "charset": "utf8mb4",
        "init_command": SESSION,
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
        **url.query,
    }


class MySQL:
    """A ``Database``."""

    types = TYPES

    def __init__(self, connection: "pymysql.Connection[Any]") -> None:
        self.connection, self.cursor = connection, connection.cursor()

    def table(self, name: str) -> str:
        """As of ``Database``."""
        return f"`{name.replace('`', '``')}`"

    column = table

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """As of ``Database``."""
        self.cursor.execute(sql)
        return list(self.cursor.fetchall())

    def run(self, sql: str) -> None:
        """As of ``Database``."""
        self.cursor.execute(f"{sql} {STORAGE}" if sql.startswith("create table") else sql)

    def columns(self, table: str) -> dict[str, str]:
        """As of ``Database``."""
        found = self.rows(
            f"""
            select column_name, column_type from information_schema.columns
            where table_schema = database() and table_name = {literal(table)} order by ordinal_position
            """
        )
        return {name: _plain(type_) for name, type_ in found}

    def retype(self, table: str, column: str, type_: str) -> None:
        """As of ``Database``."""
        self.run(f"alter table {self.table(table)} modify {self.column(column)} {type_}")

    def append(self, table: str, rows: pa.RecordBatchReader) -> None:
        """As of ``Database``. Values are written by Arrow: PyMySQL's own way made a delivery three times as dear."""
        begin = f"insert into {self.table(table)} ({', '.join(map(self.column, rows.schema.names))}) values "
        for batch in rows:
            values = pc.binary_join_element_wise(*map(_written, batch.columns), ", ")
            for statement in _statements(begin, values.to_pylist()):
                self.cursor.execute(statement)

    def grant(self, views: list[str], role: str) -> None:
        """As of ``Database``; a role is a name, or ``user@host``."""
        name, _, host = role.partition("@")
        grantee = f"{literal(name)}@{literal(host)}" if host else literal(name)
        try:
            for view in views:
                self.run(f"grant select on {self.table(view)} to {grantee}")
        except pymysql.Error as error:  # which does not say whom
            said = f"MySQL does not let {role} read ({error.args[-1]})"
            raise BadInput(f"{said}: make that user or role, or take it out of grants") from None

    def commit(self) -> None:
        """As of ``Database``."""
        self.connection.commit()

    def rollback(self) -> None:
        """As of ``Database``."""
        self.connection.rollback()


def _written(values: pa.Array) -> pa.Array:
    """Values as SQL writes them; a text becomes whatever its column is, or is refused."""
    texts = (values.cast(pa.int8()) if pa.types.is_boolean(values.type) else values).cast(pa.string())
    return pc.binary_join_element_wise("'", pc.replace_substring(texts, "'", "''"), "'", "").fill_null("null")


def _statements(begin: str, rows: list[str]) -> Iterator[str]:
    """Statements that add all rows, each of a length that servers take."""
    first, length = 0, 0
    for last, row in enumerate(rows, 1):
        length += len(row)
        if length >= STATEMENT_LENGTH or last == len(rows):
            yield f"{begin}({'), ('.join(rows[first:last])})"
            first, length = last, 0


def _plain(type_: str | bytes) -> str:
    """A type as ``TYPES`` has it: without the width that MariaDB adds to whole numbers."""
    text = type_.decode() if isinstance(type_, bytes) else type_
    return "json" if text == "longtext" else re.sub(r"^(bigint|int)\(\d+\)$", r"\1", text)
