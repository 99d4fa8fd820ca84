"""The page docs/bad_days.md, made from the kinds: ``python -m simulator.faults.page`` writes it."""

from pathlib import Path

from pages.markdown import table
from simulator.faults.kinds import EVERY_TABLE, KINDS, Effect, Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "bad_days.md"
HEAD = """# Bad days on demand

For whoever wants to see the gates at work, and for whoever changes one.

    tradeline simulate --fault KIND --on DATE
    tradeline run --as-of DATE

puts a faulty arrival in the place of a landed night's, and runs that night. A fault works on whatever has landed,
simulated or not, Parquet or CSV. The same kind in the same night gives the same bytes; two faults in one night add up.
Files that a fault adds to a night have names that start with `fault-`.

`tradeline simulate` without a fault puts everything right again, the quarantine too. Data that was not simulated is put
right by landing it again and removing the `fault-` files (`tradeline quarantine drop` for those in quarantine).

The tables are made from `simulator/faults/kinds.py` by `python -m simulator.faults.page`; change them
there. `tests/simulator/test_faults.py` holds the pipeline to every line of them. "Admission" is the reading of
landed files by the [raw contract](raw_contract.md); `raw_in` and `features_out` are [gates](gates.md), and the words in
quotes are part of what each of them says.
"""
SECTIONS: tuple[tuple[Effect, str, str], ...] = (
    (
        "stops",
        "The run stops",
        "Nothing is published, the warehouse is not touched, and readers keep the last publication. What admission "
        "cannot read or admit is in quarantine.",
    ),
    ("warns", "The run warns", "The night is published; the warning is in the task's log and, of gates, in Data Docs."),
    ("nothing", "Nothing happens", "What came is another form of the same, and is admitted unharmed."),
)


def page() -> str:
    """The page as Markdown."""
    return "\n".join([HEAD, *(_section(*section) for section in SECTIONS)])


def _section(effect: Effect, title: str, text: str) -> str:
    rows = [_row(kind) for kind in KINDS if kind.expected[0].effect == effect]
    return f"## {title}\n\n{text}\n\n{table(('kind', 'what comes', 'tables', 'expected'), rows)}"


def _row(kind: Kind) -> tuple[str, ...]:
    tables = "all" if kind.tables == EVERY_TABLE else ", ".join(kind.tables)
    return f"`{kind.name}`", kind.does, tables, "; ".join(map(str, kind.expected))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
