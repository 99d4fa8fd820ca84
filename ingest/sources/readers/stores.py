"""Where files are: a folder of this machine, or an object store (S3, Google Cloud Storage, Azure)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import fsspec
from fsspec import AbstractFileSystem
from obstore.exceptions import (
    BaseError,
    InvalidPathError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
    UnknownConfigurationKeyError,
)
from obstore.fsspec import FsspecStore
from sqlalchemy.engine import URL, make_url

from ingest.sources.mapping import Source
from tradeline.credentials import url_of
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings

# What obstore calls the user and the password of a URL; without them it looks for AWS_* and the like.
CREDENTIALS = {
    "s3": ("access_key_id", "secret_access_key"),
    "gs": ("", "service_account_key"),
    "az": ("account_name", "account_key"),
}
RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}
LASTING = (
    InvalidPathError,
    NotSupportedError,
    PermissionDeniedError,
    UnauthenticatedError,
    UnknownConfigurationKeyError,
)
# Answers of 400 to 499, but for those that say to wait.
REFUSED = re.compile(r"status code: 4(?!08|29)[0-9]{2}|must be specified")
WORDS_MAX = 400


def filesystem_of(settings: Settings, name: str, source: Source) -> tuple[AbstractFileSystem, str]:
    """The file system of a source of kind ``files``, and the path of its folder there.

    A relative path is below ``sources/``; nothing that was listed is remembered.

    Raises:
        BadInput: the URL is of no store that is known, or access is refused.
        TradelineError: the store cannot be reached.
    """
    if source.url and ("://" not in source.url or source.url.startswith("file://")):
        root = settings.sources / source.url.removeprefix("file://")
        return fsspec.filesystem("file", use_listings_cache=False, skip_instance_cache=True), str(root.resolve())
    url = make_url(url_of(settings, name, source.url, source.connection))
    if url.drivername not in CREDENTIALS:
        raise BadInput(
            f"source {name}: {url.drivername}:// is no place of files: write a path, or s3://bucket/folder, "
            "gs://bucket/folder or az://container/folder"
        )
    opened: Any = FsspecStore
    store = opened(url.drivername, config=_config(url), retry_config=RETRIES, skip_instance_cache=True)
    root_path = f"{url.host}/{url.database or ''}".rstrip("/")
    with store_errors(name):
        _list(store, root_path)
    return store, root_path


@contextmanager
def store_errors(name: str) -> Iterator[None]:
    """Say the errors of an object store, in the block, in words for a user.

    Raises:
        BadInput: access is refused, or the store does not know such a request.
        TradelineError: the store cannot be reached.
    """
    try:
        yield
    except BaseError as error:
        # What follows are the parts of the request, which have keys in them.
        words = " ".join(str(error).partition("Debug source")[0].split())[:WORDS_MAX]
        if isinstance(error, LASTING) or REFUSED.search(words):
            raise BadInput(
                f"source {name}: the store refuses: check the bucket, its region, key and rights: {words}"
            ) from None
        raise TradelineError(
            f"source {name}: the store cannot be reached: check its variables (AWS_*, AZURE_STORAGE_*, "
            f"GOOGLE_APPLICATION_CREDENTIALS), and try again: {words}"
        ) from None


def local_path(settings: Settings, name: str, source: Source) -> Path:
    """The file of a source: a path, ``sqlite:///path`` or what an Airflow connection says; relative to ``sources/``."""
    if source.url and "://" not in source.url:
        return (settings.sources / source.url).resolve()
    url = make_url(url_of(settings, name, source.url, source.connection))
    return (settings.sources / (url.database or url.host or "")).resolve()


def _config(url: URL) -> Any:
    given = zip(CREDENTIALS[url.drivername], (url.username, url.password), strict=True)
    return {key: value for key, value in given if key and value} or None


def _list(store: FsspecStore, root: str) -> None:
    """Ask once, since all that fsspec says of a store that refuses is that nothing is there."""
    try:
        store.ls(root)
    except FileNotFoundError:
        return
