"""The lending policy, the files in dbt's seeds: its version, and the reasons that it gives."""

import csv
import hashlib
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from tradeline.checked import Frozen, read_yaml
from tradeline.settings import PROJECT, Settings

SEEDS = PROJECT / "dbt_project" / "seeds"
REASONS = "reasons.yml"


class Reason(Frozen):
    """What a seller is told of one cause of a refusal or a lower limit; ``reasons.yml`` says what the words mean.

    ``advice`` is empty where the seller can do nothing about it.
    """

    kind: Literal["knock_out", "policy", "model"]
    basis: Literal["actionable", "owed"]
    sentence: str = Field(min_length=1)
    advice: str = ""

    @model_validator(mode="after")
    def _is_advised(self) -> "Reason":
        if self.basis == "actionable" and not self.advice:
            raise ValueError("advice is missing: a reason is actionable only where it says what to do")
        return self


def load_reasons(folder: Path = SEEDS) -> dict[str, Reason]:
    """The reasons of a policy by code.

    Raises:
        TradelineError: the file is missing, or a reason lacks its kind, its basis or its words.
    """
    return read_yaml(folder / REASONS, dict[str, Reason])


def reason_rows(folder: Path = SEEDS) -> list[dict[str, str]]:
    """The same as rows: code, kind, basis, sentence and advice of each."""
    return [{"code": code, **reason.model_dump()} for code, reason in load_reasons(folder).items()]


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


def loss_given_default(parameters: Path = SEEDS / "policy_parameters.csv") -> float:
    """The share of a defaulted loan's principal that prices count as lost."""
    with parameters.open(encoding="utf-8", newline="") as file:
        values = {row["parameter"]: row["value"] for row in csv.DictReader(file)}
    return float(values["loss_given_default"])


def approve_below_pd(grades: Path = SEEDS / "policy_grades.csv") -> float:
    """The pd at which the policy's last grade ends: nobody is lent to from there on."""
    with grades.open(encoding="utf-8", newline="") as file:
        return max(float(row["pd_below"]) for row in csv.DictReader(file))
