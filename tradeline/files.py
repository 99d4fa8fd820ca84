"""Files that are there whole or not at all, and what a set of them amounts to."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, content: str) -> None:
    """Replace a text file at once and durably, so that a reader sees the whole old or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)  # half a file, where the disk was full


def append_line(path: Path, line: str) -> None:
    """Add one line to a text file, durably; in one write, so that lines of several processes never mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, f"{line}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


def digest_of(files: Iterable[Path], folder: Path) -> str:
    """SHA-256, in hex, over the names below ``folder`` and the content of files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
