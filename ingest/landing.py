"""What has landed: the files below ``landing/``, the nights they make and those nights' fingerprints."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from pathlib import Path

from tradeline.business_days import today_in
from tradeline.contracts import raw as contract
from tradeline.errors import BadInput
from tradeline.files import printable
from tradeline.settings import Settings

NIGHT_PREFIX = "arrived_on="
SUFFIXES = (".parquet", ".csv", ".csv.gz")


@dataclass(frozen=True, order=True)
class LandedFile:
    """One raw file; ``path`` is where it is, ``size`` in bytes."""

    table: str
    arrived_on: date
    name: str
    path: Path
    size: int
    mtime_ns: int

    @property
    def source(self) -> str:
        """``<table>/arrived_on=YYYY-MM-DD/<name>``: the file's name in errors and in ``raw.*.source_file``."""
        return f"{self.table}/{NIGHT_PREFIX}{self.arrived_on}/{printable(self.name)}"

    @property
    def is_named_in_utf8(self) -> bool:
        """Whether the bytes of the name are UTF-8, so that a table and a message can hold it."""
        return printable(self.name) == self.name

    @property
    def is_readable(self) -> bool:
        """Whether the name ends like a kind of file that can be read."""
        return self.name.endswith(SUFFIXES)


@dataclass(frozen=True)
class Landing:
    """The files in a folder of the raw layout, sorted, and its nights' folders that hold no file."""

    files: tuple[LandedFile, ...]
    empty_folders: tuple[tuple[str, date], ...]

    @property
    def tables(self) -> set[str]:
        """The names of the tables with at least one file."""
        return {file.table for file in self.files}

    @property
    def nights(self) -> set[date]:
        """The nights with a folder, even an empty one."""
        return {file.arrived_on for file in self.files} | {arrived_on for _, arrived_on in self.empty_folders}

    @cached_property
    def _by_night(self) -> dict[date, list[LandedFile]]:
        nights: dict[date, list[LandedFile]] = {}
        for file in self.files:
            nights.setdefault(file.arrived_on, []).append(file)
        return nights

    def on(self, arrived_on: date) -> list[LandedFile]:
        """The files of one night."""
        return self._by_night.get(arrived_on, [])

    def between(self, arrived_from: date, arrived_to: date) -> "Landing":
        """The nights from ``arrived_from`` to ``arrived_to``, both included."""
        return Landing(
            tuple(file for file in self.files if arrived_from <= file.arrived_on <= arrived_to),
            tuple(folder for folder in self.empty_folders if arrived_from <= folder[1] <= arrived_to),
        )


def scan(folder: Path) -> Landing:
    """Every file below a folder laid out as ``<table>/arrived_on=YYYY-MM-DD/<file>``.

    Names that start with a dot or an underscore are left alone (a copy under way, a writer's marker).

    Raises:
        BadInput: a folder or file is where the layout has none; all of them are named.
    """
    faults: list[str] = []
    nights: list[tuple[str, date, str]] = []
    for table in _entries(folder):
        if not table.is_dir() or table.name not in contract.BY_NAME:
            faults.append(f"{table.path}: no such table; the tables are {', '.join(contract.BY_NAME)}")
            continue
        for night in _entries(table.path):
            arrived_on = _night(night)
            if arrived_on is None:
                told = f"not a night's folder; name it {NIGHT_PREFIX}YYYY-MM-DD, a day of the calendar"
                faults.append(f"{night.path}: {told}")
            else:
                nights.append((table.name, arrived_on, night.path))
    return _landing(nights, faults)


def scan_nights(folder: Path, nights: Iterable[date]) -> Landing:
    """As ``scan``, of some nights: looks into their folders alone, however long the history is.

    Raises:
        BadInput: as ``scan``.
    """
    folders = [
        (table, night, folder / table / f"{NIGHT_PREFIX}{night}")
        for night in sorted(nights)
        for table in contract.BY_NAME
    ]
    return _landing([each for each in folders if each[2].is_dir()], [])


def _landing(nights: Iterable[tuple[str, date, str | Path]], faults: list[str]) -> Landing:
    files: list[LandedFile] = []
    empty: list[tuple[str, date]] = []
    for table, arrived_on, night in nights:
        entries = _entries(night)
        faults += [
            f"{entry.path}: a folder inside a night; put its files into {night}, each under a name of its own and, "
            "where the folder's name holds a value (column=value), with that column"
            for entry in entries
            if entry.is_dir()
        ]
        files += [_landed(table, arrived_on, entry) for entry in entries if entry.is_file()]
        if not entries:
            empty.append((table, arrived_on))
    if faults:
        raise BadInput(printable("the layout is <table>/arrived_on=YYYY-MM-DD/<file>:\n" + "\n".join(faults)))
    files.sort(key=lambda file: (file.table, file.arrived_on, file.name))
    return Landing(tuple(files), tuple(empty))


def landed_nights(settings: Settings) -> list[date]:
    """The nights of which something has landed, in order.

    Raises:
        BadInput: as ``scan``.
    """
    return sorted(scan(settings.landing).nights)


def told_future(settings: Settings, nights: Iterable[date]) -> str:
    """A warning of the nights that are still to come, which nothing builds before their day; empty without any."""
    today = today_in(settings.timezone)
    future = sorted(night for night in nights if night > today)
    if not future:
        return ""
    first, last = future[0], future[-1]
    named = f"{NIGHT_PREFIX}{first}" + (f" to {last}" if last > first else "")
    return (
        f"{len(future):,} landed nights are still to come ({named}; today is {today} in {settings.timezone}): none is "
        "built or published before its day; if the day is wrong, land the files under the right one and delete these"
    )


def fingerprint(files: Iterable[LandedFile]) -> str:
    """SHA-256 over the files' tables, names and contents: equal if and only if the night's raw rows are."""
    lines = []
    for file in sorted(files):
        with file.path.open("rb") as content:
            lines.append(f"{file.table}/{file.name} {hashlib.file_digest(content, 'sha256').hexdigest()}")
    return _digest(lines)


def stat_fingerprint(files: Iterable[LandedFile]) -> str:
    """SHA-256 over tables, names, sizes and modification times: while it stays, contents need not be read again."""
    return _digest([f"{file.table}/{file.name} {file.size} {file.mtime_ns}" for file in sorted(files)])


def _digest(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """What a folder holds, by name; a history has thousands of folders, so nothing is asked of the disk twice."""
    try:
        with os.scandir(folder) as entries:
            return sorted((entry for entry in entries if not entry.name.startswith((".", "_"))), key=attrgetter("name"))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _night(folder: os.DirEntry[str]) -> date | None:
    day = folder.name.removeprefix(NIGHT_PREFIX)
    if not folder.is_dir() or day == folder.name:
        return None
    try:
        night = date.fromisoformat(day)
    except ValueError:
        return None
    return night if night.isoformat() == day else None


def _landed(table: str, arrived_on: date, entry: os.DirEntry[str]) -> LandedFile:
    stat = entry.stat()
    return LandedFile(table, arrived_on, entry.name, Path(entry.path), stat.st_size, stat.st_mtime_ns)
