"""Putting a fault into a landed night, and taking away again what faults have added."""

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest import quarantine
from ingest.landing import Landing, scan
from simulator.faults.kinds import BY_NAME, Kind
from simulator.faults.night import ADDED, Night
from tradeline.database import Limits, connect
from tradeline.errors import BadInput
from tradeline.settings import Settings


@dataclass(frozen=True)
class FaultReport:
    """What a fault did; ``written`` and ``removed`` are ``<table>/arrived_on=YYYY-MM-DD/<file>`` below landing."""

    kind: Kind
    on: date
    written: tuple[str, ...]
    removed: tuple[str, ...]


def inject(settings: Settings, kind: str, on: date) -> FaultReport:
    """Put a fault of that kind into the night that landed ``on``; each file is replaced at once.

    The same kind in the same night gives the same bytes. Two faults in one night add up. Landing the right files again
    after ``mend`` takes the fault away.

    Raises:
        BadInput: there is no such kind, the night has not landed, or has none of the tables that the kind spoils.
        TradelineError: the night is already so spoilt that its rows cannot be read.
    """
    chosen = _kind(kind)
    landing = scan(settings.landing)
    tables = _spoilt_tables(settings, chosen, landing, on)
    limits = Limits(1, settings.memory_limit)
    with tempfile.TemporaryDirectory() as workshop, connect(limits, spill=Path(workshop) / "spill") as connection:
        night = Night(settings, kind, on, tables, landing, connection, Path(workshop))
        chosen.change(night)
        night.commit()
    written = tuple(target.source for target in night.written)
    return FaultReport(chosen, on, written, tuple(file.source for file in night.removed))


def mend(settings: Settings) -> list[str]:
    """Remove the files that faults have added, from landing and quarantine, and the folders that they leave empty.

    Files that a fault replaced or removed have to be landed again.
    """
    landed = [file for file in scan(settings.landing).files if file.name.startswith(ADDED)]
    for file in landed:
        file.path.unlink()
        with suppress(OSError):
            file.path.parent.rmdir()
    refused = [file for file in quarantine.list_quarantined(settings) if file.name.startswith(ADDED)]
    for entry in refused:
        quarantine.clear(settings, entry.table, entry.arrived_on, entry.name)
    return [file.source for file in landed] + [entry.source for entry in refused]


def _kind(name: str) -> Kind:
    if name not in BY_NAME:
        raise BadInput(f"{name!r} is no kind of fault; the kinds are {', '.join(BY_NAME)}")
    return BY_NAME[name]


def _spoilt_tables(settings: Settings, kind: Kind, landing: Landing, on: date) -> tuple[str, ...]:
    """The tables that the kind can spoil that night; refuses a night or a home that has none of them."""
    if on not in landing.nights:
        landed = f"{min(landing.nights)} to {max(landing.nights)}" if landing.nights else "none"
        raise BadInput(f"{on} has not landed in {settings.landing}: the landed nights are {landed}")
    found = {file.table for file in landing.on(on)}
    if tables := tuple(table for table in kind.tables if table in found):
        return tables
    wanted = " and ".join(kind.tables)
    nights = [file.arrived_on for file in landing.files if file.table in kind.tables]
    if not nights:
        there = ", ".join(sorted(landing.tables))
        raise BadInput(f"{kind.name} spoils {wanted}, and {settings.landing} has only {there}")
    raise BadInput(f"{kind.name} spoils {wanted}, which did not land on {on}: choose a night such as {max(nights)}")
