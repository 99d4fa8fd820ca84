"""What several commands have in common: options, and the name of what they do in the journal."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradeline.settings import Settings

By = Annotated[
    str | None, typer.Option(metavar="WHO", help="Who decides; by default the account that runs the command.")
]


def night_option(what: str, *names: str) -> Any:
    """An option that takes a date; ``what`` is its help."""
    return typer.Option(*names, formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help=what)


def own_settings(home: Path | None = None) -> "Settings":
    """The settings of the home that is given, by default of ``TRADELINE_HOME``.

    They are read when a command asks for them: help needs none, and is there at once.
    """
    from tradeline.settings import Settings

    return Settings(home=home) if home else Settings()


def run_id(commands: str) -> str:
    """The run_id under which a command of the group ``commands`` is in the journal: the group and the time, in UTC."""
    return f"{commands}.{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
