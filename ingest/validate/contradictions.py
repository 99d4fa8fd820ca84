"""Rows whose status, times and amounts contradict each other: set aside where no reading is right, else counted."""

import logging

import duckdb

from ingest.contract_rules import rules_of
from ingest.validate.cells import CellCheck
from tradeline.contracts.raw import Table

log = logging.getLogger(__name__)


def checks(table: Table) -> list[CellCheck]:
    """The checks of a table's contradictions that cannot be resolved; each names the row's status."""
    return [
        CellCheck("status", rule.condition, f"contradicts the row's times ({rule.case}): {rule.reading}", is_hard=False)
        for rule in rules_of(table.name)
        if rule.verdict == "set aside"
    ]


def report(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Log how many admitted rows of ``raw.<table>`` were read by a rule, and how."""
    rules = [rule for rule in rules_of(table.name) if rule.condition and rule.verdict not in ("both", "set aside")]
    if not rules:
        return
    counts = ", ".join(f"count(*) filter ({rule.condition})" for rule in rules)
    found = connection.execute(f"select {counts} from raw.{table.name}").fetchall()[0]
    for rule, count in zip(rules, found, strict=True):
        if count:
            log.info("%s: %s rows with %s: %s", table.name, f"{count:,}", rule.case, rule.reading)
