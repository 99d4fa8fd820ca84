"""Files that are there whole or not at all."""

import hashlib
import os
from pathlib import Path

from tradeline.files import sync


def replace(aside: Path, path: Path) -> None:
    """Put the finished file ``aside`` in the place of ``path``, atomically and durably; both on one file system.

    The file becomes read-only: readers keep what they have open, and nobody edits what was published.
    """
    aside.chmod(0o444)
    sync(aside)
    ensure_folder(path.parent)
    os.replace(aside, path)
    sync(path.parent)


def ensure_folder(folder: Path) -> None:
    """Make the folder and its parents so that they survive a power cut."""
    if not folder.is_dir():
        ensure_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
