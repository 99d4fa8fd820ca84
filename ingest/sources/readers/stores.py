"""Where files are: a folder of this machine."""

from pathlib import Path

import fsspec
from fsspec import AbstractFileSystem
from sqlalchemy.engine import make_url

from ingest.sources.mapping import Source
from tradeline.credentials import url_of
from tradeline.settings import Settings


def filesystem_of(settings: Settings, name: str, source: Source) -> tuple[AbstractFileSystem, str]:
    """The file system of a source of kind ``files``, and the path of its folder there.

    A relative path is below ``sources/``.
    """
    root = (settings.sources / Path(source.url or "")).resolve()
    return fsspec.filesystem("file"), str(root)


def local_path(settings: Settings, name: str, source: Source) -> Path:
    """The file of a source: a path, ``sqlite:///path`` or what an Airflow connection says; relative to ``sources/``."""
    if source.url and "://" not in source.url:
        return (settings.sources / source.url).resolve()
    url = make_url(url_of(settings, name, source.url, source.connection))
    return (settings.sources / (url.database or url.host or "")).resolve()
