"""Where files are: a folder of this machine."""

from pathlib import Path

import fsspec
from fsspec import AbstractFileSystem

from ingest.sources.mapping import Source
from tradeline.settings import Settings


def filesystem_of(settings: Settings, name: str, source: Source) -> tuple[AbstractFileSystem, str]:
    """The file system of a source of kind ``files``, and the path of its folder there.

    A relative path is below ``sources/``.
    """
    root = (settings.sources / Path(source.url or "")).resolve()
    return fsspec.filesystem("file"), str(root)
