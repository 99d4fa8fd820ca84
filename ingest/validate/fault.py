"""One hard fault of one landed file: what is wrong, where, and what to do."""

from dataclasses import asdict, dataclass
from typing import Any

from ingest.landing import LandedFile

LAND_AGAIN = "correct the row and land the file again under the same name"
MESSAGE_LINES = 20
VALUE_LETTERS = 100


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be admitted.

    ``row`` is the first row at fault, 1 for the first row of data; ``other_rows`` are the next two with the same fault
    in the same column, ``other_values`` what they hold there, ``row_count`` is how many there are in all.
    """

    file: LandedFile
    problem: str
    remedy: str = LAND_AGAIN
    row: int | None = None
    column: str | None = None
    value: str | None = None
    other_rows: tuple[int, ...] = ()
    other_values: tuple[str | None, ...] = ()
    row_count: int = 1

    def __str__(self) -> str:
        where = f"landing/{self.file.source}"
        if self.row is not None:
            where += f" row {self.row}"
        if self.column is not None:
            where += f", column {self.column}"
        value = "" if self.value is None else f"{shown(self.value)} "
        return f"{where}: {value}{self.problem}: {self.remedy}{self._others()}"

    def as_dict(self) -> dict[str, Any]:
        """For the reason file in the quarantine."""
        fields = asdict(self)
        del fields["file"]
        return {"message": str(self), **fields}

    def _others(self) -> str:
        if not self.other_rows:
            return ""
        values = self.other_values or (None,) * len(self.other_rows)
        named = [
            f"{row}" if value is None else f"{row} {shown(value)}"
            for row, value in zip(self.other_rows, values, strict=True)
        ]
        more = self.row_count - 1 - len(named)
        return f" (also row{'s' * (self.row_count > 2)} {', '.join(named)}{f' and {more:,} more' if more else ''})"


def shown(value: str) -> str:
    """A value in quotes; of a long one, the beginning."""
    return f"'{value}'" if len(value) <= VALUE_LETTERS else f"'{value[:VALUE_LETTERS]}...'"


def summary(lines: list[str]) -> str:
    """The first lines of a report, and how many more there are."""
    more = len(lines) - MESSAGE_LINES
    return "\n".join(lines[:MESSAGE_LINES] + ([f"and {more} more"] if more > 0 else []))
