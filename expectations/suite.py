"""Suite files: reviewable YAML, one file for each gate; docs/gates.md says how to add an expectation."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tradeline.checked import yaml_of
from tradeline.errors import TradelineError

# A gate is a suite file, its name here, and a task of a DAG.
WarehouseGate = Literal["features_out", "scores_out", "offers_out"]
GateName = Literal["raw_in", WarehouseGate]
Severity = Literal["hard", "soft"]

SUITES = Path(__file__).parent / "suites"


class SuiteEntry(BaseModel):
    """One entry of a suite file; keys that are not named here are arguments of the expectation.

    ``columns`` and ``except`` are regular expressions that choose columns by name, so that a new feature is covered
    without a change here. ``name``: what a message calls it, and a person who waives it. ``is_waivable``: what it
    notices may be right after all; false for whatever guards structure: keys, the contract, ranges, one decision each.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    expect: str
    severity: Severity
    why: str
    remedy: str
    name: str | None = Field(None, pattern=r"^[a-z][a-z0-9_]*$")
    is_waivable: bool = False
    columns: re.Pattern[str] | None = None
    left_out: re.Pattern[str] | None = Field(None, alias="except")

    @model_validator(mode="after")
    def _check_name(self) -> Self:
        if self.severity == "hard" and self.name is None:
            raise ValueError("a hard expectation has a `name`, by which messages and waivers call it")
        if self.severity == "soft" and self.is_waivable:
            raise ValueError("a soft expectation stops nothing, so that there is nothing to waive")
        return self

    @property
    def arguments(self) -> dict[str, Any]:
        """What is handed to the expectation."""
        return dict(self.model_extra or {})

    def chosen(self, names: list[str]) -> list[str]:
        """The column names that the pattern chooses and ``except`` does not leave out."""
        kept = [name for name in names if not (self.left_out and self.left_out.search(name))]
        return [name for name in kept if self.columns and self.columns.search(name)]


@dataclass(frozen=True)
class Placed:
    """An entry and where it stands: for error messages ``place``, in its table ``number``, from 1.

    ``name`` is its own, as ``<gate>.<table>.<name>``.
    """

    entry: SuiteEntry
    place: str
    name: str | None = None
    number: int = 1

    def error(self, problem: str) -> TradelineError:
        """An error that names the file and the entry."""
        return TradelineError(f"{self.place}: {problem}; correct the suite file")


@dataclass(frozen=True)
class TableSuite:
    """What a gate expects of one table; ``key`` names a row in messages."""

    table: str
    key: tuple[str, ...]
    entries: tuple[Placed, ...]

    @property
    def name(self) -> str:
        """The table's name without its schema."""
        return self.table.rpartition(".")[2]


def load_suite(gate: GateName, folder: Path = SUITES) -> list[TableSuite]:
    """Read ``<gate>.yml``: table -> {key: [columns], expectations: [entries]}.

    Raises:
        TradelineError: the file or an entry is not in that form; the message names file, table and entry.
    """
    path = folder / f"{gate}.yml"
    try:
        content = yaml_of(path)
    except (OSError, yaml.YAMLError) as error:
        raise TradelineError(f"{path} is not a readable suite file: {error}") from error
    suites = [_table_suite(path, table, body) for table, body in content.items()]
    _refuse_equal_names(suites)
    return suites


def gate_of(name: str) -> GateName | None:
    """The gate of an expectation's full name; None where there is no such gate."""
    gates: tuple[GateName, ...] = get_args(GateName)
    return next((gate for gate in gates if name.startswith(f"{gate}.")), None)


def _refuse_equal_names(suites: list[TableSuite]) -> None:
    placed_by_name: dict[str, Placed] = {}
    for placed in (placed for suite in suites for placed in suite.entries if placed.name):
        name = str(placed.name)
        if name in placed_by_name:
            raise placed.error(f"{placed_by_name[name].place} is called {name} too")
        placed_by_name[name] = placed


def _table_suite(path: Path, table: str, body: Any) -> TableSuite:
    if not isinstance(body, dict) or set(body) != {"key", "expectations"}:
        raise TradelineError(f"{path}, {table}: a table has a `key` (list of columns) and `expectations` (list)")
    entries = [_placed(path, table, number, raw) for number, raw in enumerate(body["expectations"], start=1)]
    return TableSuite(table, tuple(body["key"]), tuple(entries))


def _placed(path: Path, table: str, number: int, raw: Any) -> Placed:
    name = raw.get("expect", "no `expect`") if isinstance(raw, dict) else "not a mapping"
    place = f"{path}, {table}, entry {number} ({name})"
    try:
        entry = SuiteEntry.model_validate(raw)
        full_name = f"{path.stem}.{table.rpartition('.')[2]}.{entry.name}" if entry.name else None
        return Placed(entry, place, full_name, number)
    except ValidationError as error:
        problems = (": ".join([*map(str, each["loc"]), each["msg"]]) for each in error.errors())
        raise TradelineError(f"{place}: {'; '.join(problems)}; correct the suite file") from error
