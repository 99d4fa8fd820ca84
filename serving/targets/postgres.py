"""PostgreSQL as a target: ADBC adds rows in the transaction that shows them, faster than psycopg's COPY does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager as adbc
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from serving.targets.contract import Types
from serving.targets.relational import Relational
from serving.targets.target import Target
from tradeline.credentials import url_of, without_password
from tradeline.errors import TradelineError
from tradeline.settings import Settings
from tradeline.sql import identifier, literal

# As ``format_type`` names them. ``json`` and not ``jsonb``, whose binary form ADBC does not write.
TYPES = Types(
    plain={
        "varchar": "text",
        "date": "date",
        "boolean": "boolean",
        "integer": "integer",
        "bigint": "bigint",
        "double": "double precision",
        "timestamp": "timestamp without time zone",
        "varchar[]": "text[]",
    },
    decimal="numeric",
    nested="json",
    key_text="text",
)
# A server that does not answer is given up; what the target's url says comes first.
DEFAULTS = {"connect_timeout": "10", "application_name": "tradeline", "tcp_user_timeout": "60000"}


@contextmanager
def open_postgres(settings: Settings, name: str, target: Target) -> Iterator[Relational]:
    """The target's schema, which is made where it is not there.

    Raises:
        TradelineError: the server cannot be reached, or refuses; in its own words.
    """
    url = url_of(settings, name, target.url, target.connection)
    added = "&".join(f"{key}={value}" for key, value in DEFAULTS.items() if f"{key}=" not in url)
    try:
        with dbapi.connect(f"{url}{'&' if '?' in url else '?'}{added}") as connection:
            yield Relational(settings, target, Postgres(connection, target.schema_))
    except adbc.Error as error:
        raise TradelineError(f"PostgreSQL says: {without_password(str(error), url)}") from None


class Postgres:
    """A ``Database`` in one schema."""

    types = TYPES

    def __init__(self, connection: Any, schema: str) -> None:
        self.connection, self.schema = connection, schema
        self.cursor = connection.cursor()
        # `if not exists` alone would ask for the right to make schemas where there is nothing to make.
        if not self.rows(f"select 1 from pg_namespace where nspname = {literal(schema)}"):
            self.run(f"create schema {identifier(schema)}")

    def table(self, name: str) -> str:
        """As of ``Database``."""
        return f"{identifier(self.schema)}.{identifier(name)}"

    def column(self, name: str) -> str:
        """As of ``Database``."""
        return identifier(name)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """As of ``Database``."""
        self.cursor.execute(sql)
        found: list[tuple[Any, ...]] = self.cursor.fetchall()
        return found

    def run(self, sql: str) -> None:
        """As of ``Database``."""
        self.cursor.execute(sql)

    def columns(self, table: str) -> dict[str, str]:
        """As of ``Database``."""
        return dict(
            self.rows(
                f"""
                select attname, format_type(atttypid, atttypmod) from pg_attribute
                where attrelid = to_regclass({literal(self.table(table))}) and attnum > 0 and not attisdropped
                order by attnum
                """
            )
        )

    def retype(self, table: str, column: str, type_: str) -> None:
        """As of ``Database``."""
        name = identifier(column)
        self.run(f"alter table {self.table(table)} alter column {name} type {type_} using {name}::{type_}")

    def append(self, table: str, rows: pa.RecordBatchReader) -> None:
        """As of ``Database``."""
        self.cursor.adbc_ingest(table, rows, mode="append", db_schema_name=self.schema)

    def grant(self, views: list[str], role: str) -> None:
        """As of ``Database``."""
        self.run(f"grant usage on schema {identifier(self.schema)} to {identifier(role)}")
        self.run(f"grant select on {', '.join(map(self.table, views))} to {identifier(role)}")

    def commit(self) -> None:
        """As of ``Database``."""
        self.connection.commit()

    def rollback(self) -> None:
        """As of ``Database``."""
        self.connection.rollback()
