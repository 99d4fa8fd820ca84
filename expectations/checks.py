"""Suite entries turned into Great Expectations' expectations on the columns that a table has."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from expectations.amounts import AMOUNT_CHECKS
from expectations.comparisons import COMPARISONS
from expectations.features import FEATURE_CHECKS
from expectations.suite import Placed, TableSuite

SQL = "unexpected_rows_expectation"
QUERY = "unexpected_rows_query"
OWN = AMOUNT_CHECKS | COMPARISONS | FEATURE_CHECKS
SEVERITIES = {"hard": "critical", "soft": "warning"}


@dataclass(frozen=True)
class Check:
    """One expectation on one table; ``column`` is None where it is on the whole row or table."""

    table: str
    placed: Placed
    type: str
    arguments: dict[str, Any]
    column: str | None = None

    @property
    def table_name(self) -> str:
        """The table's name without its schema."""
        return self.table.rpartition(".")[2]

    @property
    def name(self) -> str | None:
        """What a message calls it, and a person who waives it; an entry for many columns is one for each of them."""
        is_of_many = self.placed.entry.columns is not None and self.column is not None
        return f"{self.placed.name}.{self.column}" if self.placed.name and is_of_many else self.placed.name

    @property
    def query(self) -> str | None:
        """The SQL whose rows are the faults, for expectations written in SQL; the gated rows are ``batch`` in it."""
        return self.arguments.get(QUERY)

    @property
    def own_arguments(self) -> dict[str, Any]:
        """The arguments as Great Expectations takes them.

        It puts the batch in place of ``{batch}``, with or without an alias depending on whether the query has a join;
        as a common table expression either is fine.
        """
        if self.query is None:
            return self.arguments
        escaped = self.query.replace("{", "{{").replace("}", "}}")
        return self.arguments | {QUERY: f"with batch as (from {{batch}}) from ({escaped})"}

    @property
    def samples(self) -> int:
        """How many faults are shown; of features, a row stands for all sellers whose feature is wrong."""
        return 20 if self.placed.entry.expect in FEATURE_CHECKS else 5

    @property
    def needs_previous(self) -> bool:
        """Whether it compares with what came before."""
        return "previous." in (self.query or "")

    @property
    def expected(self) -> str:
        """What is expected, in words."""
        if "description" in self.arguments:
            return str(self.arguments["description"])
        return _told(
            self.type, {name: value for name, value in self.arguments.items() if not name.startswith("column")}
        )

    @cached_property
    def expectation(self) -> Any:
        """The Great Expectations object; its ``meta`` finds this check again in the results."""
        from great_expectations.exceptions.exceptions import ExpectationNotFoundError
        from great_expectations.expectations.metadata_types import FailureSeverity
        from great_expectations.expectations.registry import get_expectation_impl

        severity = FailureSeverity(SEVERITIES[self.placed.entry.severity])
        try:
            build = get_expectation_impl(self.type)
            return build(**self.own_arguments, severity=severity, meta={"check": self.identity})
        except ExpectationNotFoundError as error:
            raise self.placed.error(f"Great Expectations has no `{self.type}`") from error
        except ValueError as error:
            raise self.placed.error(_in_one_line(error)) from error

    @property
    def faults(self) -> str:
        """The table in which the gate keeps what the query has found."""
        return f"faults.{self.table_name}_{self.placed.number}"

    @property
    def expectation_of_faults(self) -> Any:
        """The same expectation of the faults that are kept."""
        return self.expectation.copy(update={QUERY: f"with batch as (from {{batch}}) from {self.faults}"})

    @property
    def identity(self) -> str:
        """What tells this check from all others of the suite."""
        return f"{self.placed.place} {self.column}"


def build_checks(suite: TableSuite, names: list[str], new_names: Collection[str] = ()) -> list[Check]:
    """The checks of a table with the columns ``names``; those of ``new_names`` have nothing to be compared with.

    Raises:
        TradelineError: an unknown expectation type or argument, or a pattern that chooses no column.
    """
    known = [name for name in names if name not in new_names]
    checks = [
        check
        for placed in suite.entries
        for check in _expand(suite, placed, known if placed.entry.expect in COMPARISONS else names)
    ]
    for check in checks:
        _ = check.expectation
        if check.placed.entry.is_waivable and check.query is None:
            raise check.placed.error("only faults that a query finds name their night, which a waiver is for")
    return checks


def _expand(suite: TableSuite, placed: Placed, names: list[str]) -> list[Check]:
    entry = placed.entry
    chosen = entry.chosen(names)
    if entry.columns and not chosen:
        raise placed.error(f"`{entry.columns.pattern}` chooses no column of {suite.table}")
    if entry.expect in OWN:
        return [_own(suite, placed, chosen)]
    if entry.columns:
        return [Check(suite.table, placed, entry.expect, entry.arguments | {"column": name}, name) for name in chosen]
    return [Check(suite.table, placed, entry.expect, entry.arguments, entry.arguments.get("column"))]


def _own(suite: TableSuite, placed: Placed, chosen: list[str]) -> Check:
    arguments = placed.entry.arguments
    description = arguments.pop("description", None) or _told(placed.entry.expect, arguments)
    try:
        query = OWN[placed.entry.expect](suite.name, chosen, **arguments)
    except TypeError as error:
        raise placed.error(str(error)) from error
    return Check(suite.table, placed, SQL, {QUERY: query, "description": description})


def _told(expect: str, arguments: dict[str, Any]) -> str:
    words = expect.removeprefix("expect_").replace("_", " ")
    if words.endswith(" between"):
        words = f"{words.removesuffix('between')}{_limits(arguments)}"
        arguments = {name: value for name, value in arguments.items() if not name.endswith(("_min", "_max", "_value"))}
    told = ", ".join(f"{name} {value}" for name, value in arguments.items())
    return f"{words} ({told})" if told else words


def _limits(arguments: dict[str, Any]) -> str:
    low, high = arguments.get("min_value"), arguments.get("max_value")
    lower, upper = (
        "above" if arguments.get("strict_min") else "at least",
        "below" if arguments.get("strict_max") else "at most",
    )
    told = [f"{word} {limit}" for word, limit in ((lower, low), (upper, high)) if limit is not None]
    return " and ".join(told)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
