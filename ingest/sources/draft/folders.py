"""The files of a source in groups, each of which is one table."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from fsspec import AbstractFileSystem

from ingest.sources.draft.dialects import HEAD_BYTES, FileForm, file_form, head_text
from ingest.sources.draft.found import Found
from ingest.sources.mapping import Dialect, Read, Source
from ingest.sources.readers.files import BLANKS, COMPRESSIONS, SUFFIXES
from ingest.sources.readers.stores import filesystem_of, store_errors
from tradeline.errors import BadInput
from tradeline.settings import Settings

DAY = re.compile(r"(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)")
# A group whose files do not begin alike is taken apart, unless it has more than so many.
FILES_APART = 20


def found_files(settings: Settings, name: str, source: Source) -> list[Found]:
    """The files that can be read, those together whose names differ in days and numbers alone and that begin alike.

    Raises:
        BadInput: the source's URL is one of a file, or the store refuses.
        TradelineError: the store cannot be reached.
    """
    filesystem, root = filesystem_of(settings, name, source)
    with store_errors(name):
        if filesystem.isfile(root):
            raise BadInput(f"{root} is a file: give the folder that it is in as --url")
        paths = sorted(path.removeprefix(root.rstrip("/") + "/") for path in filesystem.find(root))
        alike: dict[str, list[str]] = defaultdict(list)
        for path in filter(_is_usable, paths):
            alike[re.sub(r"\d+", "*", DAY.sub("*", path))].append(path)
        return [
            found
            for group in alike.values()
            for found in _groups(group, lambda path: _begins(filesystem, f"{root.rstrip('/')}/{path}"))
        ]


def glob_of(path: str) -> str:
    """A path as a glob that is like no other path."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _is_usable(path: str) -> bool:
    is_hidden = any(part.startswith((".", "_")) for part in Path(path).parts)
    return _unpacked(path).lower().endswith(SUFFIXES) and not is_hidden


def _unpacked(path: str) -> str:
    suffix = Path(path).suffix
    return path.removesuffix(suffix) if suffix in COMPRESSIONS else path


Beginning = tuple[FileForm | None, tuple[str, ...]]


def _groups(paths: Sequence[str], begins: Callable[[str], Beginning]) -> list[Found]:
    first, last = begins(paths[0]), begins(paths[-1])
    if first != last and len(paths) <= FILES_APART:
        return [_found(glob_of(path), [path], begins(path)) for path in paths]
    day = DAY.search(Path(paths[-1]).name)
    if len(paths) == 1 and not day:
        return [_found(glob_of(paths[0]), paths, last)]
    found = _found(_glob_like(paths), paths, last)
    if day:
        sign = day[1].replace(".", r"\.")
        # Eight digits may be a part of a longer number.
        found.file_day = rf"(\d{{4}}{sign}\d{{2}}{sign}\d{{2}})" if sign else r"(?<!\d)(\d{8})(?!\d)"
    return [found]


def _glob_like(paths: Sequence[str]) -> str:
    """A glob of paths that differ in numbers alone: days and the numbers that are not the same in all are ``*``."""
    pieces = [re.split(r"(\d+)", DAY.sub("*", path)) for path in paths]
    same = [len(set(piece)) == 1 for piece in zip(*pieces, strict=False)]
    parts = [part if is_same else "*" for part, is_same in zip(pieces[0], same, strict=False)]
    return "".join(re.sub(r"([?\[])", r"[\1]", part) for part in parts)


def _found(glob: str, paths: Sequence[str], begins: Beginning) -> Found:
    form, columns = begins
    dialect = None
    if form:
        dialect = Dialect(
            encoding=form.encoding, delimiter=form.delimiter, quote=form.quote, skip_lines=form.skip_lines
        )
    read = Read(files=glob_of(paths[-1]), dialect=dialect)
    return Found(paths[-1], read, columns, files=glob, file_count=len(paths), form=form)


def _begins(filesystem: AbstractFileSystem, path: str) -> Beginning:
    """How a file is written, and its columns."""
    with filesystem.open(path, "rb") as file:
        if _unpacked(path).endswith(".parquet"):
            return None, tuple(pq.read_schema(file).names)
        compression = COMPRESSIONS.get(Path(path).suffix)
        unpacked = pa.CompressedInputStream(pa.PythonFile(file, "r"), compression) if compression else file
        head = unpacked.read(HEAD_BYTES)
    form = file_form(head)
    rows = list(csv.reader(io.StringIO(head_text(head, form.encoding), newline=""), delimiter=form.delimiter))
    return form, tuple(name.strip(BLANKS) for name in rows[form.skip_lines]) if len(rows) > form.skip_lines else ()
