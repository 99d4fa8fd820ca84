"""One hard fault of one landed file: what is wrong, where, and what to do."""

from dataclasses import asdict, dataclass
from typing import Any

from ingest.landing import LandedFile

LAND_AGAIN = "correct the row and land the file again"
MESSAGE_LINES = 20


@dataclass(frozen=True)
class Fault:
    """Why a file cannot be admitted.

    ``row`` is the first row at fault, 1 for the first row of data; ``other_rows`` are the next few with the same
    fault in the same column, ``row_count`` is how many there are in all.
    """

    file: LandedFile
    problem: str
    remedy: str = LAND_AGAIN
    row: int | None = None
    column: str | None = None
    value: str | None = None
    other_rows: tuple[int, ...] = ()
    row_count: int = 1

    def __str__(self) -> str:
        where = f"landing/{self.file.source}"
        if self.row is not None:
            where += f" row {self.row}"
        if self.column is not None:
            where += f", column {self.column}"
        value = "" if self.value is None else f"'{self.value}' "
        return f"{where}: {value}{self.problem}: {self.remedy}{self._others()}"

    def as_dict(self) -> dict[str, Any]:
        """For the reason file in the quarantine."""
        fields = asdict(self)
        del fields["file"]
        return {"message": str(self), **fields}

    def _others(self) -> str:
        if not self.other_rows:
            return ""
        rows = ", ".join(str(row) for row in self.other_rows)
        more = self.row_count - 1 - len(self.other_rows)
        return f" (also rows {rows} and {more} more)" if more else f" (also rows {rows})"


def summary(lines: list[str]) -> str:
    """The first lines of a report, and how many more there are."""
    more = len(lines) - MESSAGE_LINES
    return "\n".join(lines[:MESSAGE_LINES] + ([f"and {more} more"] if more > 0 else []))
