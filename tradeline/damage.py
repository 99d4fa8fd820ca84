"""What mends a file of the home that is missing, damaged or out of reach; one table for whoever reads one."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from tradeline.errors import Damaged, TradelineError
from tradeline.files import printable

AGAIN = "restore it from a backup or, without one,"
DENIED, FULL = (errno.EACCES, errno.EPERM, errno.EROFS), (errno.ENOSPC, errno.EDQUOT)
# By place below the home, the first that fits.
REMEDIES = (
    (
        "published/marts.duckdb*",
        "run `tradeline publications restore`: publications.parquet and kept files make it anew",
    ),
    ("published/*/as_of=*", f"{AGAIN} publish its night again: `tradeline run --as-of {{night}}`"),
    ("published/*", "restore it from a backup"),
    ("warehouse/tradeline.duckdb*", f"{AGAIN} move it away: `tradeline run` builds it anew from landing"),
    ("warehouse/spark/*", f"{AGAIN} move all of warehouse/ away: `tradeline run` builds it anew from landing"),
    ("warehouse/*", "delete it: the next run makes it anew"),
    ("landing/*", "land it again"),
    ("quarantine/*", "land it again"),
    ("models/training/*", "train again: `tradeline run` or the credit_model DAG"),
    ("models/*", f"{AGAIN} train again"),
    ("*", "restore it from a backup"),
)


def damaged(home: Path, path: Path, problem: str) -> Damaged:
    """The error that names a file, what it is ("is missing") and what mends it."""
    place = path.relative_to(home.resolve()).as_posix() if path.is_relative_to(home.resolve()) else ""
    remedy = next(remedy for pattern, remedy in REMEDIES if fnmatch(place, pattern))
    night = re.search(r"as_of=(\d{4}-\d\d-\d\d)", place)
    return Damaged(f"{printable(str(path))} {problem}: {remedy.format(night=night[1] if night else 'DATE')}")


def denied(text: str) -> Damaged:
    """The error of an account that may not do what it is asked to."""
    return Damaged(f"{printable(text)}: let this account read and write the home, or use another account")


@contextmanager
def damage_told(home: Path) -> Iterator[None]:
    """Let an error of the system or of DuckDB about a file of the home say which one it is and what mends it."""
    try:
        yield
    except Exception as error:
        if told := explained(error, home):
            raise told from error
        raise


def explained(error: BaseException, home: Path) -> TradelineError | None:
    """What an error of the system or of DuckDB means for the user; None of any other, which is a fault of ours."""
    module, text = type(error).__module__.partition(".")[0], str(error).partition("\n")[0]
    if isinstance(error, OSError) and error.errno in FULL:
        return TradelineError(f"{error.strerror} in {home}: make room and try again; nothing is there by halves")
    if isinstance(error, OSError) and error.filename and error.strerror:
        path = Path(printable(str(error.filename)))
        return denied(text) if error.errno in DENIED else damaged(home, path, f"cannot be used ({error.strerror})")
    if module not in ("duckdb", "_duckdb"):
        return None
    if type(error).__name__ == "OutOfMemoryException":
        return TradelineError(f"{text}: raise TRADELINE_MEMORY_LIMIT")
    if "Could not set lock" in text:
        return TradelineError(f"{text}: another program has it open; close it there and try again")
    if full := next((words for words in map(os.strerror, FULL) if words in text), None):
        return TradelineError(f"{full} in {home}: make room and try again; nothing is there by halves")
    if any(os.strerror(number) in text for number in DENIED):
        return denied(text)
    found = re.search(re.escape(str(home.resolve())) + r"[^\"'\n]*?\.(duckdb|parquet)(\.wal)?", str(error))
    return damaged(home, Path(found[0]), f"cannot be read ({text})") if found else None
