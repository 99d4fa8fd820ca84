"""What a client finds in the published file, as JSON: run by an interpreter that has DuckDB, of any version, alone."""

import hashlib
import json
import math
import sys
from typing import Any

import duckdb

COMMENTS = """
    select 'table', table_name, null, comment from duckdb_tables()
    union all select 'view', view_name, sql, comment from duckdb_views() where not internal
    union all select 'column', table_name, column_name, comment from duckdb_columns() where not internal
    order by all
"""


def contents(path: str) -> dict[str, Any]:
    """Rows, sums of numbers, and a digest of all values, of every table and view; what comments say."""
    with duckdb.connect(path, read_only=True) as connection:
        comments = connection.execute(COMMENTS).fetchall()
        names = sorted({name for kind, name, *_ in comments if kind != "column"})
        tables = {name: _content(connection.execute(f'from "{name}" order by all')) for name in names}
    return {"tables": tables, "comments": [list(comment) for comment in comments]}


def _content(answer: Any) -> dict[str, Any]:
    columns = [column[0] for column in answer.description]
    rows = answer.fetchall()
    values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    sums = {name: math.fsum(value for value in found if _is_number(value)) for name, found in values.items()}
    return {"rows": len(rows), "sums": sums, "digest": hashlib.sha256(repr(rows).encode()).hexdigest()}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or type(value).__name__ == "Decimal"


if __name__ == "__main__":
    print(json.dumps({"version": duckdb.__version__, **contents(sys.argv[1])}))
