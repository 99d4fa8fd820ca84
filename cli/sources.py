"""``tradeline source``: tables that are there already, by the mappings in ``sources/`` of the home."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from cli.options import night_option, own_settings, run_id

sources_app = typer.Typer(
    help="Land tables that are there already, by a mapping in sources/ of the home folder (docs/sources.md).",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The source's name: that of its file in sources/, without .yml.")]


@sources_app.command("list")
def list_() -> None:
    """List the sources, how far each has landed and when."""
    from rich.console import Console

    from cli.screens.sources import render_sources
    from ingest.sources.listing import list_sources

    Console().print(render_sources(list_sources(own_settings())))


@sources_app.command()
def new(
    name: Name,
    kind: Annotated[
        Literal["postgres", "mysql", "sqlserver", "sqlite", "duckdb", "files"],
        typer.Option(help="What the source is; of --platform it is known."),
    ] = "files",
    url: Annotated[
        str | None, typer.Option(help="Where the data is, without a password: a database's URL, a folder or a bucket.")
    ] = None,
    connection: Annotated[
        str | None, typer.Option(help="An Airflow connection that has address and password, instead of --url.")
    ] = None,
    platform: Annotated[
        str | None,
        typer.Option(help="A platform whose exports are known, such as shopify (docs/platforms.md)."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a mapping of that name.")] = False,
) -> None:
    """Write a first mapping from what the source has; every guess in it is marked. Then try it: `source check`."""
    from ingest.sources.draft import write_draft
    from ingest.sources.platforms import write_platform

    if platform:
        path = write_platform(own_settings(), name, platform, url, replace=replace)
    else:
        path = write_draft(own_settings(), name, kind, url, connection, replace=replace)
    print(f"{path}: look through it, then try it with `tradeline source check {name}`")


@sources_app.command()
def check(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, help="How many rows of each table are read at most.")] = 10_000,
    rows: Annotated[int, typer.Option(min=1, help="How many rows of each table are shown.")] = 3,
) -> None:
    """Show the first rows of each table as the contract has them, and what would be refused or set aside and why."""
    from rich.console import Console

    from cli.screens.sources import render_check
    from ingest.sources.check import check_source

    found = check_source(own_settings(), name, limit, rows)
    Console().print(render_check(found))
    if found.faults:
        raise typer.Exit(1)


@sources_app.command()
def land(
    name: Name,
    as_of: Annotated[
        datetime | None, night_option("The day up to whose end is landed; by default the last day that has ended.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Read and land everything once more, changed or not, as of that day.")
    ] = False,
) -> None:
    """Land what is new in a source. A day that has landed stays as it is, so a rerun is safe."""
    from cli.screens.published import report_on_terminal
    from pipeline import steps

    report_on_terminal()
    print(steps.land_source(own_settings(), run_id("source"), name, as_of.date() if as_of else None, again).told)


@sources_app.command()
def adopt(
    name: Name,
    through: Annotated[datetime, night_option("The last day that has landed.", "--through")],
) -> None:
    """Take up a source whose state is lost. The next landing brings what has changed since that day.

    Reads that are compared or only grow are landed whole once more; rows that have not changed count once.
    """
    from ingest.sources.state import adopt as take_up

    take_up(own_settings(), name, through.date())
    print(f"{name} is taken up through {through.date()}")
