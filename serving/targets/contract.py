"""The columns that a target has of each published table, and their types: dbt's contract, as each kind writes it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import duckdb

from serving.marts import described
from tradeline.contracts.publications import KEYS
from tradeline.sql import identifier

DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
# The manifest as a database has it: one row for each publication that was delivered.
MANIFEST = {
    "publication_id": "bigint",
    "as_of": "date",
    "run_id": "varchar",
    "model_version": "varchar",
    "policy_version": "varchar",
    "code_version": "varchar",
    "input_fingerprint": "varchar",
    "published_at": "timestamp",
    "is_current": "boolean",
    "is_latest": "boolean",
    "waivers": "varchar[]",
    "withdrawn_at": "timestamp",
    "withdrawn_by": "varchar",
    "withdrawn_reason": "varchar",
    "content_hash": "varchar",
    "delivered_at": "timestamp",
}


@dataclass(frozen=True)
class Types:
    """How a database writes DuckDB's types; ``key_text`` is a text by which rows are found.

    ``decimal`` is followed by the digits and places. What is nested and not named is JSON, in a column of the type
    ``nested``.
    """

    plain: Mapping[str, str]
    decimal: str
    nested: str
    key_text: str

    def of(self, duckdb_type: str, *, is_key: bool = False) -> str:
        """The database's name of a type."""
        if is_key and duckdb_type == "varchar":
            return self.key_text
        if found := DECIMAL.fullmatch(duckdb_type):
            return f"{self.decimal}({found[1]},{found[2]})"
        return self.plain.get(duckdb_type) or (self.nested if is_nested(duckdb_type) else self.plain["varchar"])

    def value(self, column: str, duckdb_type: str) -> str:
        """DuckDB's SQL of a column's value as the database takes it."""
        name = identifier(column)
        if duckdb_type in self.plain or DECIMAL.fullmatch(duckdb_type):
            return f"cast({name} as {duckdb_type}) as {name}"
        return f"cast({f'to_json({name})' if is_nested(duckdb_type) else name} as varchar) as {name}"


def is_nested(duckdb_type: str) -> bool:
    """Whether a value has values in it."""
    return duckdb_type.endswith("]") or duckdb_type.startswith(("struct(", "map("))


@cache
def contract_of(table: str) -> dict[str, str]:
    """A published table's columns, name -> DuckDB's type, in the order of dbt's contract."""
    return {column["name"]: _normal(column["data_type"]) for column in described(table)[0]["columns"]}


def columns_of(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> dict[str, str]:
    """What a target has of a table: the contract's columns, and those of ``rows`` that it has no more."""
    there = connection.execute(f"select column_name, column_type from (describe {rows})").fetchall()
    return {name: _normal(type_) for name, type_ in there} | contract_of(table)


def key_columns(table: str) -> tuple[str, ...]:
    """What tells the rows of one publication apart."""
    return KEYS.get(table, ("seller_id",))


def _normal(duckdb_type: str) -> str:
    return re.sub(r",\s+", ",", duckdb_type.lower())
