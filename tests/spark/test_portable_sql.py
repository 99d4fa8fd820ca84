"""Outside of macros that are dispatched by engine, SQL means the same to DuckDB and Spark.

A function that is not among those below is to be tried on both engines first, with nulls, ties, empty groups and ends
of its range; where they differ, it gets a macro in dbt_project/macros with a version for each.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from tests.spark.few_rows import needs_pyspark
from tradeline.engines.spark.needed import PACKAGES
from tradeline.settings import PROJECT

pytestmark = [pytest.mark.slow, needs_pyspark]

# By sqlglot's names. LN and POWER may differ in their last bit.
SAME = {
    "ABS", "AND", "CASE", "CAST", "CEIL", "COALESCE", "COUNT", "EXTRACT", "FLOOR", "GREATEST", "IF", "LAG", "LAST_DAY",
    "LEAD", "LEAST", "LN", "LOWER", "MAX", "MIN", "NULLIF", "OR", "PERCENTILE_CONT", "POWER", "ROW_NUMBER", "SQRT",
    "SUM",
}  # fmt: skip
# What dispatched macros, dbt's own among them, make of lists, days, texts and roundings for Spark.
OF_MACROS = {
    "ADD_MONTHS", "ARRAY", "ARRAY_AGG", "ARRAY_SLICE", "ARRAY_SORT", "DATEDIFF", "NVL2", "REDUCE", "REGEXP_REPLACE",
    "STRUCT", "STR_TO_UNIX", "TIMESTAMP_TRUNC", "TRANSFORM", "TRY_CAST", "TS_OR_DS_ADD", "TS_OR_DS_TO_DATE",
    "assert_true", "format_number",
}  # fmt: skip


def test_models_call_only_what_both_engines_understand_alike() -> None:
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), str(PACKAGES)])}
    command = [sys.executable, "-m", "tests.spark.compiled"]
    done = subprocess.run(command, env=surroundings, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    models = json.loads(done.stdout.splitlines()[-1])
    assert len(models) > 80
    told = [f"{name}: {said}" for name, sql in models.items() for said in _unlike(sql)]
    assert not told, "\n".join(told)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select names[1] from t", "names[1]"),
        ("select round(ratio, 2) from t", "ROUND"),
        ("select round(ratio) + concat(a, b) from t", "CONCAT"),
        ("select log(amount) from t", "LOG"),
        ("select dayofweek(day) from t", "DAY_OF_WEEK"),
        ("select avg(amount) from t", "AVG"),
        ("select list_sum(amounts) from t", "list_sum"),
    ],
)
def test_what_each_engine_takes_in_its_own_way_is_found(sql: str, said: str) -> None:
    assert any(said in found for found in _unlike(sql))


def test_what_macros_make_for_spark_is_none_of_it() -> None:
    assert not list(_unlike("select try_element_at(names, 1), round(ratio * 1e2, 0) / 1e2 from t"))


def _unlike(sql: str) -> Iterator[str]:
    if re.search(r"\blog\s*\(", sql, re.IGNORECASE):
        yield "LOG: of base 10 in DuckDB, natural in Spark; say which, ln or log10"
    for node in sqlglot.parse_one(sql, read="spark").walk():
        if isinstance(node, exp.Bracket | exp.Func) and (said := _said_of(node)):
            yield f"{node.sql('spark')}: {said}"


def _said_of(node: exp.Bracket | exp.Func) -> str | None:
    if isinstance(node, exp.Bracket):
        return None if node.args.get("safe") else "Spark counts from 0; use the macro element"
    if isinstance(node, exp.Round):
        return None if str(node.args.get("decimals") or 0) == "0" else "ROUND: ties differ; use the macro rounded"
    name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
    return None if name in SAME | OF_MACROS else f"{name} is not tried on both engines"
