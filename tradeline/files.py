"""Files that are there whole or not at all, and what a set of them amounts to."""

import errno
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, content: str, *, is_private: bool = False) -> None:
    """Replace a text file at once and durably, so that a reader sees the whole old or the whole new one.

    ``is_private``: only the owner may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # What is not UTF-8 (half a surrogate, out of a file's name) is written as its escape.
        with aside.open("w", encoding="utf-8", errors="backslashreplace") as file:
            if is_private:
                aside.chmod(0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        sync(path.parent)
    finally:
        aside.unlink(missing_ok=True)  # half a file, where the disk was full


def append_line(path: Path, line: str) -> None:
    """Add one line to a text file, durably; in one write, so that lines of several processes never mix.

    Where the last line was torn by a full disk or a power cut, the new one begins on a line of its own.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        size = os.fstat(file).st_size
        is_torn = size > 0 and os.pread(file, 1, size - 1) != b"\n"
        content = ("\n" if is_torn else "") + line + "\n"
        encoded = content.encode("utf-8", "backslashreplace")
        if os.write(file, encoded) < len(encoded):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(file)
    finally:
        os.close(file)


def printable(text: str) -> str:
    """The same text; bytes of a file's name that are not UTF-8 as escapes, so that it can be written down anywhere."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def digest_of(files: Iterable[Path], folder: Path) -> str:
    """SHA-256, in hex, over the names below ``folder`` and the content of files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
