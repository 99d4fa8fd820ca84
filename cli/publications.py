"""``tradeline publications``: what was published, withdrawing a night, and restoring the published file."""

from datetime import datetime
from typing import Annotated

import typer

from cli.options import By, night_option, run_id
from tradeline.account import who
from tradeline.settings import Settings

publications_app = typer.Typer(help="List publications, withdraw a night, restore a lost file.", no_args_is_help=True)

Night = Annotated[datetime, night_option("The published night to withdraw.")]
Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why it is withdrawn; kept in the manifest with the name and the time.")
]


@publications_app.command("list")
def list_() -> None:
    """List every publication: its night and run, whether readers see it (*), and who withdrew it and why."""
    from tradeline.contracts.publications import read_publications

    publications = read_publications(Settings())
    for found in publications:
        mark = "*" if found.is_current else " "
        said = f"published at {found.published_at:%Y-%m-%d %H:%M} UTC, model {found.model_version or 'none'}"
        print("; ".join(filter(None, [f"{mark} {found.as_of} {found.run_id}: {said}", found.withdrawal])))
    if not publications:
        print("nothing is published yet")


@publications_app.command()
def withdraw(as_of: Night, reason: Reason, by: By = None) -> None:
    """Withdraw a night: readers see the night before again. Its files stay, and it can be published again."""
    from pipeline import steps

    print(steps.withdraw(Settings(), run_id("publications"), as_of.date(), reason, who(by)))
    print(f"To publish the night again: `tradeline run --as-of {as_of.date()}`")


@publications_app.command()
def restore() -> None:
    """Rebuild a lost or damaged marts.duckdb from publications.parquet and the kept files."""
    from pipeline import steps

    print(steps.restore(Settings(), run_id("publications")))
