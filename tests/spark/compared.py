"""Two relations, value for value."""

import math
from collections.abc import Collection
from typing import Any

import duckdb


def differences(
    connection: duckdb.DuckDBPyConnection, name: str, ours: str, theirs: str, left_out: Collection[str] = ()
) -> list[str]:
    """The first rows that DuckDB and Spark do not have in common; a ratio may differ in its last bits, by the order of
    its sums. ``ours`` and ``theirs`` are SQL, as after ``from``.
    """
    described = connection.execute(f"describe from {ours}").fetchall()
    types = {row[0]: row[1] for row in described if row[0] not in left_out}
    names = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items())
    exact = ", ".join(f'"{name}"' for name, kind in types.items() if kind != "DOUBLE")
    one, other = (
        connection.execute(f"select {names} from {relation} order by {exact}").fetchall() for relation in (ours, theirs)
    )
    if len(one) != len(other):
        return [f"{name}: {len(one)} rows in DuckDB, {len(other)} in Spark"]
    return [
        f"{name}.{column}: {value!r} in DuckDB, {their!r} in Spark, of {row[:3]}"
        for row, others in zip(one, other, strict=True)
        for column, value, their in zip(types, row, others, strict=True)
        if not _are_equal(value, their)
    ][:5]


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(one == other)
