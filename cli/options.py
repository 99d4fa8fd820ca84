"""Options that several commands have."""

from typing import Any

import typer


def night_option(what: str, *names: str) -> Any:
    """An option that takes a date; ``what`` is its help."""
    return typer.Option(*names, formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=what)
