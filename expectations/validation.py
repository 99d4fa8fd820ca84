"""Great Expectations at work: checks run inside DuckDB, their outcomes as gate results."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb

from expectations.checks import Check
from expectations.database import GateDatabase
from expectations.report import FaultyNight, GateResult
from expectations.suite import TableSuite
from expectations.waivers import Waivers

SAMPLES = 5


@contextmanager
def gate_context(name: str) -> Iterator[tuple[Any, Any]]:
    """An ephemeral data context, and DuckDB's own connection to the database in memory that its datasource is on.

    Our statements go to DuckDB itself: SQLAlchemy's dialect reads long ones word by word, in Python.
    """
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
            yield context, connection.connection.driver_connection
    finally:
        # Its execution engine has connections of its own; while one is open the warehouse stays attached.
        source.get_execution_engine().close()
        engine.dispose()


def validate(database: GateDatabase, context: Any, run_id: str, suite: TableSuite, checks: list[Check]) -> Any:
    """Run the checks on ``gated.<table>``; Great Expectations' own validation result."""
    import great_expectations as gx

    asset = context.data_sources.get("gate").add_table_asset(suite.table, table_name=suite.name, schema_name="gated")
    expectations = [_expectation(database, check) for check in checks]
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


def _expectation(database: GateDatabase, check: Check) -> Any:
    """What Great Expectations validates: of a query, what it has found.

    Great Expectations runs a query for the number of its rows, and again for the rows; messages and waivers ask for
    more of them.
    """
    if check.query is None:
        return check.expectation
    try:
        database.keep(check.faults, check.table_name, check.query)
    except duckdb.Error:
        return check.expectation  # Great Expectations meets the same error and reports it
    return check.expectation_of_faults


def gate_results(
    database: GateDatabase, checks: list[Check], validated: Any, waivers: Waivers
) -> dict[str, GateResult]:
    """The outcomes by the checks' identities; Great Expectations does not keep their order."""
    outcomes = {each.expectation_config.meta["check"]: each for each in validated.results}
    return {check.identity: _gate_result(database, check, outcomes[check.identity], waivers) for check in checks}


def skipped_result(check: Check, reason: str) -> GateResult:
    """The result of a check that has nothing to compare with."""
    return _result(check, True, None, reason, ())


def _gate_result(database: GateDatabase, check: Check, outcome: Any, waivers: Waivers) -> GateResult:
    found = outcome.result or {}
    observed = found.get("observed_value", found.get("unexpected_count"))
    if outcome.success:
        return _result(check, True, observed, "", ())
    is_found = check.placed.entry.is_waivable and not _exception(outcome.exception_info)
    nights = _faulty_nights(database, check, waivers) if is_found else ()
    where = f"{check.table}.{check.column}" if check.column else check.table
    message = f"{where}: expected {check.expected}; {_fault(database, check, outcome, observed, nights)}"
    result = _result(check, False, observed, message, nights)
    words = "; ".join(f"{each.night} is {each.word.said}" for each in nights if each.is_waived and each.word)
    entry = check.placed.entry
    return replace(
        result,
        why=f"{entry.why} {words}".rstrip(),
        # Nothing is left to do where a person has answered for all of it.
        remedy="" if result.is_waived else entry.remedy,
    )


def _result(
    check: Check, is_met: bool, observed: Any, message: str, faulty_nights: tuple[FaultyNight, ...]
) -> GateResult:
    entry = check.placed.entry
    return GateResult(
        table=check.table,
        expectation=entry.expect,
        column=check.column,
        severity=entry.severity,
        is_met=is_met,
        observed=observed,
        message=message,
        name=check.name,
        is_waivable=entry.is_waivable,
        faulty_nights=faulty_nights,
    )


def _faulty_nights(database: GateDatabase, check: Check, waivers: Waivers) -> tuple[FaultyNight, ...]:
    """The nights that the faults name, the latest first, each with its data and the last word on it."""
    column = database.night_column
    columns = database.rows(f"select column_name from (describe select * from {check.faults})")
    if column not in {row["column_name"] for row in columns}:
        raise check.placed.error(f"is_waivable, but its faults do not name their night, {column}")
    counted = database.rows(f"select {column} as night, count(*) as row_count from {check.faults} group by 1")
    nights = sorted(counted, key=lambda row: str(row["night"]), reverse=True)
    return tuple(_faulty_night(database, check, row["night"], row["row_count"], waivers) for row in nights)


def _faulty_night(
    database: GateDatabase, check: Check, night: date | None, row_count: int, waivers: Waivers
) -> FaultyNight:
    if night is None:
        return FaultyNight(None, row_count, None)
    fingerprint = database.fingerprint(check.table_name, night)
    return FaultyNight(night, row_count, fingerprint, waivers.on(str(check.name), night, fingerprint))


def _fault(database: GateDatabase, check: Check, outcome: Any, observed: Any, nights: tuple[FaultyNight, ...]) -> str:
    """What was found instead: an error, rows with samples, or a value."""
    if problem := _exception(outcome.exception_info):
        return f"it could not be evaluated: {problem}"
    if check.query:
        # What a person has answered for is named only where there is nothing else.
        open_nights = [each for each in nights if not each.is_waived]
        waived = ", ".join(f"'{each.night}'" for each in nights if each.is_waived) if open_nights else ""
        only = f"where {database.night_column} is null or {database.night_column} not in ({waived})" if waived else ""
        count = sum(each.row_count for each in open_nights) or observed
        rows = database.rows(f"select * from {check.faults} {only} limit {check.samples}")
        return f"{count:,} found, e.g. {_told(rows)}"
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
