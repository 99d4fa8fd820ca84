"""``tradeline gates``: failed expectations, and the waivers that let a night pass."""

from datetime import datetime
from typing import Annotated

import typer

from cli.options import By, night_option, own_settings, run_id
from tradeline.account import who

gates_app = typer.Typer(help="List failed gate expectations; waive them, or withdraw a waiver.", no_args_is_help=True)

Night = Annotated[
    datetime,
    night_option("The night that failed; of raw_in the day on which its rows arrived."),
]
Name = Annotated[
    str, typer.Option(metavar="NAME", help="The expectation's name, from the gate's message or `tradeline gates list`.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why the data is right; kept with the name and the time.")]


@gates_app.command("list")
def list_(
    as_of: Annotated[
        datetime | None,
        night_option("List only what failed in this night; by default in all nights."),
    ] = None,
) -> None:
    """List the failed expectations that no run has evaluated again, which of them can be waived, and every waiver."""
    from expectations.listing import list_gates

    print("\n".join(list_gates(own_settings(), as_of.date() if as_of else None)))


@gates_app.command()
def waive(as_of: Night, expectation: Name, reason: Reason, by: By = None) -> None:
    """Waive one failed expectation for one night and its present data. Then run the night again."""
    from expectations.waive import plan_waiver
    from pipeline import steps

    settings, night, by = own_settings(), as_of.date(), who(by)
    # What cannot be waived is said, and is no failed step of the journal.
    plan_waiver(settings, night, expectation, reason, by)
    print(steps.waive(settings, run_id("gates"), night, expectation, reason, by))
    print(f"It counts for the data that the gate evaluated; run the night again: `tradeline run --as-of {night}`")


@gates_app.command()
def withdraw(as_of: Night, expectation: Name, reason: Reason, by: By = None) -> None:
    """Withdraw a waiver: the gate stops at this data again. What was published meanwhile stays as it is."""
    from expectations.waive import plan_withdrawal
    from expectations.waive import withdraw as take_back
    from tradeline.journal import journaled

    settings, night, by = own_settings(), as_of.date(), who(by)
    plan_withdrawal(settings, night, expectation, reason, by)
    with journaled(settings, run_id("gates"), "withdraw", [night]) as outcome:
        outcome.message = take_back(settings, night, expectation, reason, by)[-1].told
    print(outcome.message)
    print(f"To evaluate a night that is built already: `tradeline run --as-of {night} --force-from {night}`")
