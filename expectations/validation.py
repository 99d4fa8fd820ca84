"""Great Expectations at work: checks run inside DuckDB, their outcomes as gate results."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from expectations.checks import Check
from expectations.database import GateDatabase
from expectations.report import GateResult
from expectations.suite import TableSuite

SAMPLES = 5


@contextmanager
def gate_context(name: str) -> Iterator[tuple[Any, Any]]:
    """An ephemeral data context and a connection to the in-memory DuckDB that its datasource ``gate`` is on."""
    # It reports its own internals at INFO, between the lines of the task's report.
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context = gx.get_context(mode="ephemeral", project_config=config)
    # Without these two every expectation raises: DuckDB has no rollback outside a transaction.
    engine_arguments = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    address = f"duckdb:///:memory:{name}"
    source = context.data_sources.add_sql("gate", connection_string=address, kwargs=engine_arguments)  # type: ignore[call-arg]
    engine = source.get_engine()
    try:
        with engine.connect() as connection:
            yield context, connection
    finally:
        # Its execution engine has connections of its own; while one is open the warehouse stays attached.
        source.get_execution_engine().close()
        engine.dispose()


def validate(context: Any, run_id: str, suite: TableSuite, checks: list[Check]) -> Any:
    """Run the checks on ``gated.<table>``; Great Expectations' own validation result."""
    import great_expectations as gx

    asset = context.data_sources.get("gate").add_table_asset(suite.table, table_name=suite.name, schema_name="gated")
    expectations = [check.expectation for check in checks]
    definition = gx.ValidationDefinition(
        name=suite.table,
        data=asset.add_batch_definition_whole_table("gated"),
        suite=context.suites.add(gx.ExpectationSuite(name=suite.table, expectations=expectations)),
    )
    result_format = {
        "result_format": "SUMMARY",
        "partial_unexpected_count": SAMPLES,
        "unexpected_index_column_names": list(suite.key),
    }
    run = gx.RunIdentifier(run_name=run_id)
    return context.validation_definitions.add(definition).run(result_format=result_format, run_id=run)


def gate_results(database: GateDatabase, checks: list[Check], validated: Any) -> dict[str, GateResult]:
    """The outcomes by the checks' identities; Great Expectations does not keep their order."""
    outcomes = {each.expectation_config.meta["check"]: each for each in validated.results}
    return {check.identity: _gate_result(database, check, outcomes[check.identity]) for check in checks}


def skipped_result(check: Check, reason: str) -> GateResult:
    """The result of a check that has nothing to compare with."""
    return GateResult(
        check.table, check.placed.entry.expect, check.column, check.placed.entry.severity, True, None, reason
    )


def _gate_result(database: GateDatabase, check: Check, outcome: Any) -> GateResult:
    entry = check.placed.entry
    found = outcome.result or {}
    observed = found.get("observed_value", found.get("unexpected_count"))
    message = "" if outcome.success else _message(database, check, outcome, observed)
    return GateResult(check.table, entry.expect, check.column, entry.severity, bool(outcome.success), observed, message)


def _message(database: GateDatabase, check: Check, outcome: Any, observed: Any) -> str:
    where = f"{check.table}.{check.column}" if check.column else check.table
    entry = check.placed.entry
    return (
        f"{where}: expected {check.expected}; {_fault(database, check, outcome, observed)}. {entry.why} {entry.remedy}"
    )


def _fault(database: GateDatabase, check: Check, outcome: Any, observed: Any) -> str:
    """What was found instead: an error, rows with samples, or a value."""
    if problem := _exception(outcome.exception_info):
        return f"it could not be evaluated: {problem}"
    if check.query:
        batch = f"with batch as (from gated.{check.table_name})"
        rows = database.rows(f"{batch} from ({check.query}) limit {check.samples}")
        return f"{observed:,} found, e.g. {_told(rows)}"
    if "unexpected_count" not in outcome.result:
        return f"observed {observed}"
    total, count = outcome.result["element_count"], outcome.result["unexpected_count"]
    samples = outcome.result.get("partial_unexpected_index_list") or outcome.result["partial_unexpected_list"]
    return f"{count:,} of {total:,} rows are not so, e.g. {_told(samples[:SAMPLES])}"


def _told(samples: list[Any]) -> str:
    rows = [sample if isinstance(sample, dict) else {"value": sample} for sample in samples]
    return "; ".join(" ".join(f"{name}={value}" for name, value in row.items()) for row in rows)


def _exception(info: dict[str, Any] | None) -> str | None:
    """The message of the first exception; one expectation may hold one for each of its metrics."""
    infos = [info or {}, *(each for each in (info or {}).values() if isinstance(each, dict))]
    messages = (str(each["exception_message"]) for each in infos if each.get("raised_exception"))
    return next((" ".join(message.partition("[SQL:")[0].split()).rstrip(".") for message in messages), None)
