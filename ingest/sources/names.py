"""The sources that a deployment has."""

from ingest.sources.mapping import Source
from tradeline.checked import read_own_yaml
from tradeline.contracts.sources import NAME, source_names
from tradeline.errors import BadInput
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
