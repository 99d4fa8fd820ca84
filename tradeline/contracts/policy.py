"""The lending policy, the files in dbt's seeds: its version, and the reasons that it gives."""

import csv
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from tradeline.checked import Frozen, read_yaml
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT, Settings

SEEDS = PROJECT / "dbt_project" / "seeds"
REASONS = "reasons.yml"
TEXTS = {"sentence", "advice"}
REASON_COLUMNS = ("code", "kind", "basis", "sentence", "advice", "sentence_without_orders", "advice_without_orders")
Row = dict[str, str]


class Told(Frozen):
    """What a seller is told; ``advice`` is empty where the seller can do nothing about it."""

    sentence: str = Field(min_length=1)
    advice: str = ""


class Reason(Told):
    """What a seller is told of one cause of a refusal or a lower limit; ``reasons.yml`` says what the words mean.

    ``without_orders``: what is said instead where the deployment has no orders.
    """

    kind: Literal["knock_out", "policy", "model"]
    basis: Literal["actionable", "owed"]
    without_orders: Told | None = None

    @property
    def texts(self) -> tuple[Told, ...]:
        """All that may be said."""
        return (self, self.without_orders) if self.without_orders else (self,)

    @model_validator(mode="after")
    def _is_advised(self) -> "Reason":
        if self.basis == "actionable" and not all(told.advice for told in self.texts):
            raise ValueError("advice is missing: a reason is actionable only where it says what to do")
        return self


@dataclass(frozen=True)
class _Number:
    """A number of a rule in a text: ``{n:%}`` writes 0.25 as 25%, ``{n:day}`` 1 as 1 day and 90 as 90 days."""

    value: float

    def __format__(self, unit: str) -> str:
        written = f"{100 * self.value if unit == '%' else self.value:,.4f}".rstrip("0").rstrip(".")
        if unit in ("", "%"):
            return written + unit
        return f"{written} {unit}" + ("" if self.value == 1 else "s")


def load_reasons(folder: Path = SEEDS) -> dict[str, Reason]:
    """The reasons of a policy by code, with the numbers of its rules in their texts.

    Left out is a reason whose texts name a number of a rule where the policy has no rule of its code any more.

    Raises:
        TradelineError: a file is missing; a reason lacks its kind, its basis or its words, or names a number that its
            rule does not have or several rules have.
    """
    reasons = read_yaml(folder / REASONS, dict[str, Reason])
    rules = policy_rows("policy_knockouts", folder)
    told = {code: _told(folder, code, reason, rules) for code, reason in reasons.items()}
    return {code: reason for code, reason in told.items() if reason}


def reason_rows(folder: Path = SEEDS) -> list[Row]:
    """The same as rows of ``REASON_COLUMNS``; those of an early policy have no basis and one text."""
    if (folder / REASONS).exists():
        return [_row(code, reason) for code, reason in load_reasons(folder).items()]
    return [
        row | {f"{name}_without_orders": row[name] for name in TEXTS} for row in policy_rows("reason_codes", folder)
    ]


def _row(code: str, reason: Reason) -> Row:
    without = {f"{name}_without_orders": text for name, text in reason.texts[-1].model_dump(include=TEXTS).items()}
    row = {"code": code, **reason.model_dump(exclude={"without_orders"}), **without}
    return {name: row[name] for name in REASON_COLUMNS}


def _told(folder: Path, code: str, reason: Reason, rules: list[Row]) -> Reason | None:
    if not any("{" in told.sentence + told.advice for told in reason.texts):
        return reason
    of_code = [rule for rule in rules if rule["reason_code"] == code]
    found = [rule for rule in of_code if rule["is_active"].lower() in ("true", "t", "1")] or of_code
    if not found:
        return None
    try:
        (rule,) = found
        numbers = {"threshold": _Number(float(rule["threshold"]))}
        if window := re.search(r"_(\d+)d$", rule["feature"]):
            numbers["window"] = _Number(float(window[1]))
        texts = [{name: getattr(told, name).format_map(numbers) for name in TEXTS} for told in reason.texts]
    except (KeyError, ValueError) as error:
        raise TradelineError(
            f"{folder / REASONS}, {code}: {error}. {{threshold}} and {{window}} stand for the numbers of the one rule "
            "of this code in policy_knockouts.csv, {window} only where its feature ends like orders_90d: correct the "
            "text or the rule, or give each rule a code of its own"
        ) from error
    other = Told(**texts[1]) if reason.without_orders else None
    return reason.model_copy(update={**texts[0], "without_orders": other})


def policy_rows(table: str, folder: Path = SEEDS) -> list[Row]:
    """The rows of one of a policy's tables.

    Raises:
        TradelineError: there is no such file.
    """
    path = folder / f"{table}.csv"
    if not path.exists():
        raise TradelineError(f"the policy in {folder} lacks {path.name}: put it back")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def policy_files(folder: Path = SEEDS) -> list[Path]:
    """The files that make up a policy."""
    return sorted([*folder.glob("*.csv"), *folder.glob(REASONS)])


def policy_version(_settings: Settings, seeds: Path = SEEDS) -> str:
    """First 12 hex digits of the SHA-256 over every file's name and content."""
    digest = hashlib.sha256()
    for path in policy_files(seeds):
        content = path.read_bytes()
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def loss_given_default(folder: Path = SEEDS) -> float:
    """The share of a defaulted loan's principal that prices count as lost."""
    values = {row["parameter"]: row["value"] for row in policy_rows("policy_parameters", folder)}
    return float(values["loss_given_default"])


def approve_below_pd(folder: Path = SEEDS) -> float:
    """The pd at which the policy's last grade ends: nobody is lent to from there on."""
    return max(float(row["pd_below"]) for row in policy_rows("policy_grades", folder))


def limited_from_pd(folder: Path = SEEDS) -> float:
    """The pd from which on somebody is lent less than the best grade gives, or nothing, and is owed the reasons."""
    grades = policy_rows("policy_grades", folder)
    most = max(float(grade["sales_months"]) for grade in grades)
    best = [(float(row["pd_from"]), float(row["pd_below"])) for row in grades if float(row["sales_months"]) == most]
    reached = 0.0
    for pd_from, pd_below in sorted(best):
        if pd_from <= reached:
            reached = max(reached, pd_below)
    return reached
