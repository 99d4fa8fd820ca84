"""What values of a source's enumerations mean in the contract's."""

from functools import cache
from pathlib import Path

from ingest.sources.draft.words import CAMEL
from tradeline.checked import yaml_of


def recognised(place: str, value: str) -> str | None:
    """The contract's value for one of the source's; ``place`` is "table.column". None where nobody knows it."""
    known = _known(place)
    return known.get(_plain(value)) or known.get(_plain(CAMEL.sub(" ", value)))


@cache
def _known(place: str) -> dict[str, str]:
    meanings = yaml_of(Path(__file__).with_name("values.yml"))[place]
    return {str(each): value for value, written in meanings.items() for each in written}


def _plain(value: str) -> str:
    words = " ".join(value.replace("_", " ").split()).casefold()
    # "-" may be the whole of a value. WooCommerce begins its states with wc-.
    return (" ".join(words.replace("-", " ").split()) or words).removeprefix("wc ")
