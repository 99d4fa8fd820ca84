"""``tradeline publications`` and ``publish``: what was published, taking it back, making it anew, and delivering it."""

from datetime import date, datetime
from typing import Annotated

import typer

from cli.options import By, night_option, own_settings, run_id
from tradeline.account import who
from tradeline.errors import BadInput

publications_app = typer.Typer(help="List publications, withdraw a night, restore a lost file.", no_args_is_help=True)

Night = Annotated[datetime, night_option("The published night to withdraw.")]
Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why it is withdrawn; kept in the manifest with the name and the time.")
]


@publications_app.command("list")
def list_() -> None:
    """List every publication: its night and run, whether readers see it (*), and who withdrew it and why."""
    from tradeline.contracts.publications import read_publications

    publications = read_publications(own_settings())
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

    print(steps.withdraw(own_settings(), run_id("publications"), as_of.date(), reason, who(by)))
    print(f"To publish the night again: `tradeline run --as-of {as_of.date()}`")
    _deliver()


@publications_app.command()
def restore() -> None:
    """Rebuild a lost or damaged marts.duckdb from publications.parquet and the kept files."""
    from pipeline import steps

    print(steps.restore(own_settings(), run_id("publications")))
    _deliver()


def publish(
    to: Annotated[
        str | None, typer.Option(metavar="NAME", help="The target, a file of targets/; by default every one.")
    ] = None,
    as_of: Annotated[
        datetime | None, night_option("A published night that the target gets again; by default what it lacks.")
    ] = None,
) -> None:
    """Deliver what is published to the targets of the deployment: databases, stores and webhooks (docs/targets.md)."""
    from cli.screens.published import report_on_terminal

    if as_of and not to:
        raise BadInput("--as-of is for one target: name it with --to")
    report_on_terminal()
    _deliver(to, as_of.date() if as_of else None, is_asked=True)


def _deliver(to: str | None = None, as_of: date | None = None, *, is_asked: bool = False) -> None:
    """Let targets have what is published now; where there is none and nobody asks for it, say nothing."""
    from cli.airflow.connections import use_connections
    from pipeline import steps

    settings = own_settings()
    if is_asked or settings.targets.is_dir():
        use_connections(settings)
        print(steps.deliver(settings, run_id("publish"), to, as_of))
