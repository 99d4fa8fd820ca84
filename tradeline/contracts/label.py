"""What a bad loan is, from ``label.yml``; the models in ``dbt_project/models/training`` say how it is found."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from tradeline.checked import Frozen, read_yaml

LABEL = Path(__file__).with_name("label.yml")


class EarlyPaymentDefault(Frozen):
    """One of the first ``installments`` is ``days_past_due`` days late."""

    installments: int = Field(ge=1)
    days_past_due: int = Field(ge=1)


class LabelDefinition(Frozen):
    """Everything in ``label.yml``; ``replay_*`` is of the cash-flow replay, all else of real loans."""

    bad_days_past_due: int = Field(ge=1)
    performance_window_days: int = Field(ge=1)
    indeterminate_from_days_past_due: int = Field(ge=1)
    early_payment_default: EarlyPaymentDefault
    loans_minimum_matured: int = Field(ge=1)
    replay_term_days: int = Field(ge=1)
    replay_minimum_orders: int = Field(ge=1)
    replay_sales_months: float = Field(gt=0)
    replay_repayment_share: float = Field(gt=0, le=1)
    replay_annual_rate: float = Field(ge=0)

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if not self.indeterminate_from_days_past_due < self.bad_days_past_due < self.performance_window_days:
            raise ValueError(
                "indeterminate_from_days_past_due must be below bad_days_past_due, and that below "
                "performance_window_days, or no loan could be indeterminate or bad"
            )
        return self

    def as_row(self) -> dict[str, int | float]:
        """Every number by its name, of one with parts by name and part with ``_`` between."""
        row = self.model_dump()
        parts = row.pop("early_payment_default")
        return row | {f"early_payment_default_{name}": value for name, value in parts.items()}

    def describe(self, label_kind: str, earned: str = "sales") -> str:
        """What is bad, in one sentence, for a ``label_kind`` of the training set; ``earned``: sales, or income."""
        if label_kind == "loan_default":
            return (
                f"an installment was {self.bad_days_past_due} or more days past due, or the loan was written off, "
                f"within {self.performance_window_days} days of disbursement"
            )
        return (
            f"no loan was made: {self.replay_repayment_share:.0%} of the {earned} of the next {self.replay_term_days} "
            f"days would not have repaid {self.replay_sales_months:g} months of {earned} lent at "
            f"{self.replay_annual_rate:.0%} a year (cash-flow replay)"
        )


def load_label(path: Path = LABEL) -> LabelDefinition:
    """Read and check the file.

    Raises:
        TradelineError: a number is missing, unknown, out of bounds or at odds with another.
    """
    return read_yaml(path, LabelDefinition)
