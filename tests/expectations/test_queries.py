"""How often a gate asks DuckDB."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from expectations.database import GateDatabase
from expectations.gate import run_gate
from expectations.suite import load_suite
from tests.expectations.warehouse import AS_OF
from tradeline.settings import Settings


def test_each_query_of_a_suite_runs_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    run = GateDatabase.run

    def note_ours(database: GateDatabase, *given: str) -> None:
        statements.extend(given)
        run(database, *given)

    monkeypatch.setattr(GateDatabase, "run", note_ours)

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        run_gate(settings, "features_out", settings.warehouse, "run-1", [AS_OF])
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    arguments = [placed.entry.arguments for suite in load_suite("features_out") for placed in suite.entries]
    queries = [found["unexpected_rows_query"].strip() for found in arguments if "unexpected_rows_query" in found]
    asked = [sum(query in statement for statement in statements) for query in queries]
    assert queries and asked == [1] * len(queries)
