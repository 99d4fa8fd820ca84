"""The policy pack of a jurisdiction, from ``ml/monitoring/fairness.yml``: what never trains a model, what is gated."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from ml.errors import BadFeatures
from tradeline.checked import Frozen, read_yaml
from tradeline.contracts.features import Feature
from tradeline.errors import TradelineError

POLICY = Path(__file__).with_name("fairness.yml")
PREFIXES = ("is_", "has_", "seller_", "owner_", "applicant_")

Action = Literal["refuse", "warn"]


class FairnessGate(Frozen):
    """What the groups of one column are held to; ``rows_min`` counts sellers."""

    by: str
    adverse_impact_ratio_min: float = Field(gt=0, le=1)
    significance: float = Field(gt=0, lt=1)
    rows_min: int = Field(ge=1)
    action: Action


class Jurisdiction(Frozen):
    """What was understood of a jurisdiction on the day ``as_of``, where it is written, and the gates that follow."""

    note: str
    source: str
    as_of: date
    gates: tuple[FairnessGate, ...]

    @field_validator("gates")
    @classmethod
    def _one_each(cls, gates: tuple[FairnessGate, ...]) -> tuple[FairnessGate, ...]:
        if len({gate.by for gate in gates}) < len(gates):
            raise ValueError("a column has several gates; give it one")
        return gates


class FairnessPolicy(Frozen):
    """The whole file."""

    protected: tuple[str, ...]
    jurisdictions: dict[str, Jurisdiction]


class Pack(Frozen):
    """The jurisdiction that applies."""

    name: str
    protected: tuple[str, ...]
    jurisdiction: Jurisdiction

    def gate(self, by: str) -> FairnessGate | None:
        """The gate of a column's groups, if they are held to one."""
        return next((gate for gate in self.jurisdiction.gates if gate.by == by), None)


def load_pack(name: str, path: Path = POLICY) -> Pack:
    """The pack of the jurisdiction that ``Settings.jurisdiction`` names.

    Raises:
        TradelineError: there is none of that name, or the file cannot be read.
    """
    policy = read_yaml(path, FairnessPolicy)
    if name not in policy.jurisdictions:
        known = ", ".join(policy.jurisdictions)
        raise TradelineError(f"TRADELINE_JURISDICTION is {name!r}; {path} has {known}: name one of them, or add yours")
    return Pack(name=name, protected=policy.protected, jurisdiction=policy.jurisdictions[name])


def check_unprotected(features: Sequence[Feature], pack: Pack) -> None:
    """Refuse to train on a protected field, or on something derived from one.

    Raises:
        BadFeatures: names the features and fields.
    """
    found = [
        f"{feature.name} ({field})" for feature in features for field in pack.protected if _is_of(feature.name, field)
    ]
    if found:
        raise BadFeatures(
            f"protected fields never train a model: {', '.join(found)}; set is_model_input: false in the catalogue "
            f"or, if the feature is something else, rename it; the fields are listed in {POLICY.name}"
        )


def _is_of(name: str, field: str) -> bool:
    """Whether a feature is the field or derived from it, ``owner_age_years`` from age; not ``buyer_regions_90d``."""
    lowered, before = name.lower(), ""
    while lowered != before:
        before = lowered
        for prefix in PREFIXES:
            lowered = lowered.removeprefix(prefix)
    return f"{lowered}_".startswith(f"{field}_")
