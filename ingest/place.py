"""Putting files into landing so that nobody ever sees half of one."""

import filecmp
import logging
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ingest import quarantine
from ingest.landing import LandedFile, told_future
from tradeline.files import written_aside
from tradeline.progress import track
from tradeline.settings import Settings

WRITERS = 16

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LandReport:
    """What a connector landed: all files of the source are counted, ``new_files`` are those that changed landing.

    ``rows`` by table holds what the connector itself made; rows of files that were only copied are not counted.
    """

    nights: int
    first_on: date
    last_on: date
    files: int
    new_files: int
    rows: dict[str, int] = field(default_factory=dict)


def place_all(settings: Settings, files: Iterable[LandedFile], rows: dict[str, int] | None = None) -> LandReport:
    """Copy ``files`` into landing under their table, night and name, replacing files of the same name.

    A file that is there already with the same bytes is left untouched. Landing a file again settles its quarantine.
    """
    files = sorted(files)
    # Each file waits for the disk; together they wait once.
    with ThreadPoolExecutor(WRITERS) as pool:
        placed = pool.map(lambda file: place(file.path, settings.landing / file.source), files)
        new_files = sum(track(placed, "landing files", len(files)))
    for entry in files:
        quarantine.clear(settings, entry.table, entry.arrived_on, entry.name)
    nights = sorted({file.arrived_on for file in files})
    if future := told_future(settings, nights):
        log.warning("%s", future)
    return LandReport(len(nights), nights[0], nights[-1], len(files), new_files, rows or {})


def place(source: Path, target: Path) -> bool:
    """Copy one file to ``target`` atomically; False if the same bytes were there already."""
    if target.exists() and filecmp.cmp(source, target, shallow=False):
        return False
    with written_aside(target) as aside:
        shutil.copyfile(source, aside)
    return True


def place_bytes(target: Path, content: bytes) -> bool:
    """Write ``content`` to ``target`` atomically; False if the same bytes were there already.

    For what can be made again: it does not wait for the disk.
    """
    if target.exists() and target.stat().st_size == len(content) and target.read_bytes() == content:
        return False
    with written_aside(target, is_durable=False) as aside:
        aside.write_bytes(content)
    return True
