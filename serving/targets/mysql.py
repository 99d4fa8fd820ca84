"""MySQL or MariaDB as a target. Statements that make tables and views count at once there, so they come before rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
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
# Values as SQL's standard has them, none cut to fit; times are UTC. A grant to nobody is refused: MariaDB alone would
# make a user without a password of it, and alone reads this comment.
MODE = "concat('STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION' /*M!, ',NO_AUTO_CREATE_USER' */)"
SESSION = f"set session sql_mode = {MODE}, session time_zone = '+00:00'"
CONNECT_SECONDS, ANSWER_SECONDS = 10, 600
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
        """As of ``Database``."""
        names = ", ".join(self.column(name).replace("%", "%%") for name in rows.schema.names)
        places = ", ".join(["%s"] * len(rows.schema.names))
        for batch in rows:
            values = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
            self.cursor.executemany(f"insert into {self.table(table)} ({names}) values ({places})", values)

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


def _plain(type_: str | bytes) -> str:
    """A type as ``TYPES`` has it: without the width that MariaDB adds to whole numbers."""
    text = type_.decode() if isinstance(type_, bytes) else type_
    return "json" if text == "longtext" else re.sub(r"^(bigint|int)\(\d+\)$", r"\1", text)
