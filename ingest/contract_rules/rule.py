"""One rule: what counts where two values of a raw row contradict each other."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["status", "time", "both", "amount", "derived", "not known", "set aside"]


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    ``case``: what contradicts what. ``verdict``: what counts; ``derived`` where nothing says it and a rule gives it.
    ``reading``: how the row is read, or for ``set aside`` what to send instead. ``condition``: SQL over the table's
    columns, true of such rows; empty where the other side is in another table.
    """

    name: str
    table: str
    case: str
    verdict: Verdict
    reading: str
    condition: str = ""
