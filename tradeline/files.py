"""Files that are there whole or not at all, and what a set of them amounts to."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, content: str, *, is_private: bool = False) -> None:
    """Replace a text file, as ``written_aside`` does. ``is_private``: only the owner may read it."""
    with written_aside(path) as aside:
        if is_private:
            aside.touch(0o600)
        # What is not UTF-8 (half a surrogate, out of a file's name) is written as its escape.
        aside.write_text(content, encoding="utf-8", errors="backslashreplace")


@contextmanager
def written_aside(path: Path, *, is_durable: bool = True) -> Iterator[Path]:
    """The path of a file beside ``path``, to be written in the block; where that ends well, it takes its place at once.

    A reader sees the whole old file or the whole new one; of a block that fails nothing stays. The new file outlasts
    a power cut, as ``put_file`` says, unless ``is_durable`` is False: for what can be made again nobody waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)  # of a process of that number that was killed
    try:
        yield aside
        if is_durable:
            put_file(aside, path)
        else:
            os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)  # half a file, where the disk was full


def put_file(aside: Path, path: Path, *, is_read_only: bool = False) -> None:
    """Put the finished file ``aside`` in the place of ``path`` at once; both on one file system.

    Durably: its content, its name and the folders that it is in are on disk on return. ``is_read_only``: of what is
    published; readers keep what they have open, and nobody edits it.
    """
    if is_read_only:
        aside.chmod(0o444)
    sync(aside)
    ensure_folder(path.parent)
    os.replace(aside, path)
    sync(path.parent)


def put_folder(aside: Path, path: Path) -> None:
    """Put the finished folder of files ``aside`` in the place of ``path``, as durably as ``put_file`` does a file.

    What is at ``path`` already goes first, so that is for a folder that is damaged.
    """
    for file in aside.iterdir():
        sync(file)
    sync(aside)
    ensure_folder(path.parent)
    shutil.rmtree(path, ignore_errors=True)
    os.replace(aside, path)
    sync(path.parent)


def ensure_folder(folder: Path) -> None:
    """Make the folder and its parents so that they survive a power cut."""
    if not folder.is_dir():
        ensure_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


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


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(files: Iterable[Path], folder: Path) -> str:
    """SHA-256, in hex, over the names below ``folder`` and the content of files, whatever their order."""
    digest = hashlib.sha256()
    for path in sorted(set(files)):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()
