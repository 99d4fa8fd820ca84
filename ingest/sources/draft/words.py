"""What names of tables and columns mean, in the languages of words.yml."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tradeline.checked import yaml_of

CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Shorter ones stand for themselves alone: most names have an 'at' or a 'no' somewhere.
SHORTEST_PART = 3
SHORT_ENDS = ("id", "no", "nr", "at", "on")


@cache
def meanings() -> dict[str, str]:
    """The meaning of each word; an empty one of a word that says nothing."""
    return {
        str(word): meaning
        for meaning, words in yaml_of(Path(__file__).with_name("words.yml")).items()
        for word in words
    }


@cache
def meant(name: str) -> tuple[str, ...]:
    """The meanings of a name's words in order, each once; a word without one stands for itself.

    ``bestelldatum``, ``orderDate``, ``ORDER_DATE`` and ``订单日期`` all are (order, time).
    """
    plain = unicodedata.normalize("NFKD", CAMEL.sub(" ", name).replace("ß", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    found = [meaning for word in re.findall(r"[^\W\d_]+", plain) for meaning in _of_word(word)]
    return tuple(dict.fromkeys(filter(None, found)))


def _of_word(word: str) -> tuple[str, ...]:
    known = meanings()
    for form in _singulars(word):
        if form in known:
            return (known[form],)
    parts = _signs(word) if HAN.search(word) else _parts(word)
    return tuple(known.get(part, part) for part in parts) if parts else (word,)


def _signs(word: str) -> tuple[str, ...]:
    """The known words of a Chinese name, the longest at each place, and what is between them."""
    parts: list[str] = []
    unknown = ""
    while word:
        end = next((end for end in range(len(word), 0, -1) if word[:end] in meanings()), 0)
        if unknown and end:
            parts.append(unknown)
            unknown = ""
        if end:
            parts.append(word[:end])
        else:
            unknown += word[0]
        word = word[end or 1 :]
    return (*parts, unknown) if unknown else tuple(parts)


def _singulars(word: str) -> Iterable[str]:
    """A word, and what it could be the plural of."""
    yield word
    for ending, singular in (
        ("ies", "y"),
        ("oes", "o"),
        ("es", ""),
        ("s", ""),
        ("en", ""),
        ("er", ""),
        ("n", ""),
        ("e", ""),
    ):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            yield word.removesuffix(ending) + singular


@cache
def _parts(word: str) -> tuple[str, ...]:
    """The known words that a compound consists of, the longest first; none where it does not."""
    known = meanings()
    for end in range(len(word), 0, -1):
        head, rest = word[:end], word[end:]
        if not _may_be_part(head, is_last=not rest):
            continue
        stem = next((form for form in _singulars(head) if form in known), None)
        if stem is None:
            continue
        if not rest:
            return (stem,)
        if parts := _parts(rest):
            return (stem, *parts)
    return ()


def _may_be_part(part: str, *, is_last: bool) -> bool:
    return not part.isascii() or len(part) >= SHORTEST_PART or (is_last and part in SHORT_ENDS)
