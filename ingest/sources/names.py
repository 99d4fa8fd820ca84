"""The sources that a deployment has."""

from pathlib import Path

from ingest.sources.mapping import Source
from tradeline.checked import read_own_yaml
from tradeline.contracts.sources import NAME, source_names
from tradeline.errors import BadInput
from tradeline.files import ensure_folder
from tradeline.settings import Settings


def check_name(name: str) -> None:
    """Make sure that a source may be called that.

    Raises:
        BadInput: it may not.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} is no name of a source: write small letters, digits and underscores, a letter first, at most 40"
        )


def new_path(settings: Settings, name: str, *, replace: bool = False) -> Path:
    """Where the mapping of a new source is to be written; the folder is there.

    Raises:
        BadInput: a source may not be called that, or there is one of that name and not ``replace``.
    """
    check_name(name)
    path = settings.sources / f"{name}.yml"
    if path.exists() and not replace:
        raise BadInput(f"{path} is there already: choose another name, or write over it with --replace")
    ensure_folder(settings.sources)
    return path


def meant_from_here(settings: Settings, url: str) -> str:
    """A path that is meant from the folder where the command runs, as one that holds from everywhere."""
    path = Path(url).expanduser()
    is_here = "://" not in url and path.exists() and not (settings.sources / url).exists()
    return str(path.resolve()) if is_here else url


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
