"""``tradeline land`` and ``tradeline quarantine``: files of the raw contract, and those that break it."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import own_settings
from tradeline.errors import TradelineError

land_app = typer.Typer(help="Copy raw tables into landing.", no_args_is_help=True)
quarantine_app = typer.Typer(help="List and discard files that break the raw contract.", no_args_is_help=True)

Source = Annotated[Path, typer.Argument(exists=True, help="A folder of raw tables, or for Olist its zip archive.")]


@land_app.command("olist")
def land_olist(source: Source) -> None:
    """Land the public Olist archive (Kaggle: olistbr/brazilian-ecommerce) as it would have arrived, day by day."""
    from cli.screens.published import report_on_terminal
    from ingest.olist import land_olist as land

    report_on_terminal()
    land(own_settings(), source)


@land_app.command("files")
def land_files(source: Source) -> None:
    """Land your own extract: <table>/arrived_on=YYYY-MM-DD/*.parquet|csv|csv.gz, as docs/raw_contract.md says."""
    from cli.screens.published import report_on_terminal
    from ingest.files import land_files as land

    report_on_terminal()
    land(own_settings(), source)


@quarantine_app.command("list")
def quarantine_list() -> None:
    """Show every file in quarantine and what is wrong with it."""
    from ingest.quarantine import list_quarantined

    found = list_quarantined(own_settings())
    for file in found:
        print(f"{file.source}\n  since {file.quarantined_at}, run {file.run_id}")
        print("".join(f"  {fault}\n" for fault in file.faults), end="")
    if not found:
        print("nothing is in quarantine")


@quarantine_app.command("drop")
def quarantine_drop(
    source: Annotated[str, typer.Argument(help="The file as `quarantine list` names it: TABLE/arrived_on=DATE/FILE.")],
) -> None:
    """Discard a file for good; its night is then built without it."""
    from ingest.quarantine import clear, list_quarantined

    for file in list_quarantined(own_settings()):
        if file.source == source:
            clear(own_settings(), file.table, file.arrived_on, file.name)
            print(f"{source} is discarded")
            return
    raise TradelineError(f"{source} is not in quarantine: `tradeline quarantine list` shows what is")
