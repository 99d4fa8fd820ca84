"""The sources that a deployment has."""

import re

from ingest.sources.mapping import Source
from tradeline.checked import read_own_yaml
from tradeline.errors import BadInput
from tradeline.settings import Settings

# A source's name is part of file names and of a DAG's.
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def source_names(settings: Settings) -> list[str]:
    """The names of the files in ``sources/``, in order, also those that no DAG and no landed file could have."""
    return sorted(path.stem for path in settings.sources.glob("*.yml"))


def check_name(name: str) -> None:
    """Make sure that a source may be called that.

    Raises:
        BadInput: it may not.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} is no name of a source: write small letters, digits and underscores, a letter first, at most 40"
        )


def read_source(settings: Settings, name: str) -> Source:
    """What ``sources/NAME.yml`` says.

    Raises:
        BadInput: there is no such file, or something in it is missing, unknown or out of place.
    """
    path = settings.sources / f"{name}.yml"
    if not path.exists():
        others = ", ".join(source_names(settings)) or "none"
        raise BadInput(
            f"{path}: no such file; the sources are {others}; `tradeline source new {name}` writes a first one"
        )
    check_name(name)
    source = read_own_yaml(path, Source)
    if source.currency not in (None, settings.currency):
        raise BadInput(
            f"{path}: currency is {source.currency}, and TRADELINE_CURRENCY is {settings.currency}: set one to the "
            "other, or give the tables a column currency and land fx_rates"
        )
    return source
