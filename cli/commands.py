"""The command line. Each command imports what it needs when it is called, so that help is there at once."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from cli.gates import gates_app
from cli.landing import land_app, quarantine_app
from cli.models import models_app
from cli.options import night_option, own_settings
from cli.publications import publications_app, publish
from cli.sources import sources_app

app = typer.Typer(
    help="Turn a marketplace's raw tables into published loan offers. All state is below TRADELINE_HOME.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(land_app, name="land")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(models_app, name="models")
app.add_typer(gates_app, name="gates")
app.add_typer(publications_app, name="publications")
app.add_typer(sources_app, name="source")
app.command()(publish)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        print(f"tradeline {version('tradeline')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Print the version of Tradeline and stop."
        ),
    ] = False,
) -> None:
    pass


@app.command()
def simulate(
    sellers: Annotated[
        int | None, typer.Option(help="How many sellers the market has over all its nights; 2,000 by default.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="How many nights of history are made; 400 by default.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the random numbers: the same seed gives the same market; 1 by default.")
    ] = None,
    until: Annotated[
        datetime | None,
        night_option("The last night to simulate; an existing market is continued up to it."),
    ] = None,
    payments_only: Annotated[
        bool, typer.Option("--payments-only", help="Tell it as a bank does, that sees accounts and no orders.")
    ] = False,
    home: Annotated[Path | None, typer.Option(help="The home folder to write to; TRADELINE_HOME by default.")] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Also write a page of plots of the market to reports/market.html.")
    ] = False,
    fault: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help="Spoil the night of --on with this fault; docs/bad_days.md lists the kinds.",
        ),
    ] = None,
    on: Annotated[datetime | None, night_option("The night that --fault spoils.")] = None,
) -> None:
    """Simulate a marketplace and land its raw tables; its hidden values are kept where no pipeline step reads them."""
    from cli.simulation import run_simulation

    _report_on_terminal()
    given = {"sellers": sellers, "days": days, "seed": seed, "is_payments_only": payments_only or None}
    numbers = {name: number for name, number in given.items() if number is not None}
    until_on, spoilt_on = (moment.date() if moment else None for moment in (until, on))
    settings = own_settings(home)
    run_simulation(settings, numbers, until_on, fault, spoilt_on, has_report=report)


@app.command()
def run(
    as_of: Annotated[datetime | None, night_option("The night to publish; by default the last landed one.")] = None,
    first: Annotated[datetime | None, night_option("The first night of a range, built in one pass.", "--from")] = None,
    last: Annotated[datetime | None, night_option("The last night of the range.", "--to")] = None,
    every: Annotated[
        Literal["day", "week", "month"],
        typer.Option(help="Which nights of the range to publish: every one, every seventh, or the last of each month."),
    ] = "day",
    force_from: Annotated[
        datetime | None,
        night_option("Rebuild all arrivals from this night on, changed or not."),
    ] = None,
) -> None:
    """Build, score, decide and publish one night or a range, in this process. Without dates: the last landed night."""
    from cli.airflow.connections import use_connections
    from pipeline.whole_nights import run_nights

    _report_on_terminal()
    settings = own_settings()
    use_connections(settings)
    given = {"as_of": as_of, "from": first, "to": last}
    asked = {name: moment.date().isoformat() for name, moment in given.items() if moment}
    forced = force_from.date().isoformat() if force_from else None
    _show_published(run_nights(settings, asked | ({"every": every} if first else {}), forced))


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="One select statement, or - to read it from standard input.")],
    output: Annotated[
        Literal["table", "csv", "json"],
        typer.Option("--format", help="How to print the result: for people, or exactly for programs."),
    ] = "table",
) -> None:
    """Query the published marts in SQL, read-only."""
    from rich.console import Console

    from cli.screens.formats import to_csv, to_json, to_table
    from serving.query import query as ask

    result = ask(own_settings(), sys.stdin.read() if query == "-" else query)
    if output == "table":
        Console().print(to_table(result))
    else:
        sys.stdout.write(to_csv(result) if output == "csv" else to_json(result))


@app.command()
def status(
    output: Annotated[
        Literal["text", "json"],
        typer.Option("--format", help="How to print the result: for people, or exactly for programs."),
    ] = "text",
) -> None:
    """Show what has landed, been built, trained and published, and what failed."""
    from cli.status import status as look

    if output == "json":
        from pydantic import TypeAdapter

        from cli.status import Status

        found = TypeAdapter(Status).dump_json(look(own_settings()), indent=2)
        sys.stdout.write(found.decode() + "\n")
    else:
        from rich.console import Console

        from cli.screens.status import render

        Console().print(render(look(own_settings())))


@app.command()
def record(
    seller: Annotated[str, typer.Argument(help="The seller_id of the seller whose record is shown.")],
    output: Annotated[
        Literal["table", "csv", "json"],
        typer.Option(
            "--format", help="How to print it: text for people; csv or json for every night and run, exactly."
        ),
    ] = "table",
    page: Annotated[
        Path | None, typer.Option(help="Write an HTML page with plots to this file instead of printing.")
    ] = None,
) -> None:
    """Show one seller's credit record: current standing, loans and installments, and what happened night by night."""
    from serving.record import read_record

    found = read_record(own_settings(), seller)
    if page:
        from serving.record_page import write_record_page

        write_record_page(found, page)
        print(f"open {page}")
    elif output == "table":
        from rich.console import Console

        from cli.screens.record import render_record

        Console().print(render_record(found))
    else:
        from cli.screens.formats import to_csv, to_json

        sys.stdout.write(to_csv(found.published) if output == "csv" else to_json(found.published))


@app.command()
def replay(
    as_of: Annotated[datetime, night_option("The published night to decide again.")],
    run_id: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN_ID",
            help="The run to replay, also one superseded or withdrawn since; by default the current one.",
        ),
    ] = None,
) -> None:
    """Decide a published night again from what its publication kept, and compare to the bit."""
    from serving.replay import replay as decide_again

    report = decide_again(own_settings(), as_of.date(), run_id)
    print(report.verdict)
    for found in report.differences:
        print(f"  {found.table_name} {found.seller_id} {found.column_name}: {found.published} -> {found.replayed}")
    if not report.is_equal:
        raise typer.Exit(1)


@app.command()
def docs(
    target: Annotated[Path, typer.Argument(help="The HTML file to write dbt's documentation to.")] = Path(
        "target/dbt_docs.html"
    ),
    gates: Annotated[
        bool, typer.Option("--gates", help="Make the gates' pages that are missing in reports/data_docs instead.")
    ] = False,
) -> None:
    """Write dbt's documentation of every model and column as one page."""
    if gates:
        from expectations.data_docs import write_index

        print(f"open {write_index(own_settings())}")
    else:
        from tradeline.dbt import write_docs

        write_docs(own_settings(), target)
        print(f"open {target}")


@app.command()
def up() -> None:
    """Start Airflow with its web UI, and keep it up until Ctrl-C or `tradeline down`."""
    from cli.airflow.services import serve

    _report_on_terminal()
    serve(own_settings())


@app.command()
def down() -> None:
    """Stop the Airflow of this home."""
    from cli.airflow.services import down as stop

    print("Airflow is stopped" if stop(own_settings()) else "Airflow is not up")


@app.command()
def demo(
    olist: Annotated[
        Path | None,
        typer.Option(exists=True, help="The zip archive of Olist to land; by default a market is simulated."),
    ] = None,
) -> None:
    """Simulate a marketplace, or land Olist, let a real Airflow run everything, and show the offers of one night."""
    from cli.demo import run_demo

    _report_on_terminal()
    run_demo(own_settings(), olist)


def _report_on_terminal() -> None:
    from cli.screens.published import report_on_terminal

    report_on_terminal()


def _show_published(as_ofs: list[date]) -> None:
    from cli.screens.published import show_published

    show_published(own_settings(), as_ofs)
