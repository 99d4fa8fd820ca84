"""Names, texts and paths as SQL writes them."""

import re
from pathlib import Path


def literal(value: object) -> str:
    """A value's text as an SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """The name of a table or column as an SQL identifier, whatever signs it has."""
    return '"' + name.replace('"', '""') + '"'


def plain_path(path: Path) -> str:
    """A path that DuckDB's readers take as it is: ``*``, ``?`` and ``[`` in a name are no patterns."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))
