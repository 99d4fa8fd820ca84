"""The ``files`` connector: a user's own extract, laid out as the raw contract says."""

import logging
from collections import Counter
from pathlib import Path

from ingest.landing import scan
from ingest.place import LandReport, place_all
from tradeline.contracts.raw import BY_NAME
from tradeline.errors import BadInput
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def land_files(settings: Settings, source: Path) -> LandReport:
    """Copy a folder of ``<table>/arrived_on=YYYY-MM-DD/<file>`` into landing, file by file and atomically.

    A file with the same table, night and name is replaced; the same bytes are left alone. Names and layout are checked
    here; what is in the files is checked when their night is admitted.

    Raises:
        BadInput: the layout is not as it should be, or sellers and both of orders and payments are missing.
    """
    if not source.is_dir():
        raise BadInput(f"{source} is not a folder; give the folder that holds sellers/, orders/ and so on")
    found = scan(source)
    faults = [f"{source}/{table}/arrived_on={night}: no file in it" for table, night in found.empty_folders]
    faults += [f"{file.path}: not a .parquet, .csv or .csv.gz file" for file in found.files if not file.is_readable]
    faults += [
        f"{source}/{file.source}: the name is not UTF-8; give it one that is"
        for file in found.files
        if not file.is_named_in_utf8
    ]
    tables = found.tables | scan(settings.landing).tables
    if "sellers" not in tables:
        faults.append(f"{source}/sellers: missing; every deployment needs its sellers")
    if not tables & {"orders", "payments"}:
        faults.append(f"{source}: neither orders/ nor payments/ is there; at least one of them is needed")
    if not found.files:
        faults.append(f"{source}: no files to land")
    if faults:
        raise BadInput("nothing was landed; correct this and land again:\n" + "\n".join(faults))
    report = place_all(settings, found.files)
    counts = Counter(file.table for file in found.files)
    log.info(
        "landed %s files of %s nights, %s to %s: %s; %s are new or changed, %s were there already",
        f"{report.files:,}",
        f"{report.nights:,}",
        report.first_on,
        report.last_on,
        ", ".join(f"{table} {counts[table]:,}" for table in BY_NAME if counts[table]),
        f"{report.new_files:,}",
        f"{report.files - report.new_files:,}",
    )
    log.info("their contents are checked when they are built: `tradeline run`")
    return report
