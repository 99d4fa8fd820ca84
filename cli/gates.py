"""``tradeline gates``: what gates stopped at, and a person's word on it."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.options import night_option
from tradeline.account import who
from tradeline.journal import journaled
from tradeline.settings import Settings

gates_app = typer.Typer(help="What gates stopped at, and a person's word that it is right.", no_args_is_help=True)

Night = Annotated[
    datetime,
    night_option("The night at fault; of raw_in the day on which it arrived."),
]
Name = Annotated[str, typer.Option(metavar="NAME", help="As the gate's message and `tradeline gates list` name it.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why the data is right; kept with who said it and when.")]
By = Annotated[
    str | None, typer.Option(metavar="WHO", help="Who says it, where that is not the account that runs this.")
]


@gates_app.command("list")
def list_(
    as_of: Annotated[
        datetime | None,
        night_option("List only what gates found in this night; by default in all."),
    ] = None,
) -> None:
    """What gates have stopped at and not judged anew since, what of it can be waived, and every waiver."""
    from expectations.listing import list_gates

    print("\n".join(list_gates(Settings(), as_of.date() if as_of else None)))


@gates_app.command()
def waive(as_of: Night, expectation: Name, reason: Reason, by: By = None) -> None:
    """Let through what a gate stopped at: this night, this expectation, this very data. Then run the night again."""
    from expectations.waive import plan_waiver
    from pipeline import steps

    settings, night, by = Settings(), as_of.date(), who(by)
    # What cannot be waived is said, and is no failed step of the journal.
    plan_waiver(settings, night, expectation, reason, by)
    print(steps.waive(settings, _run_id(), night, expectation, reason, by))
    print(f"It counts for this night's data as it was judged; run the night again: `tradeline run --as-of {night}`")


@gates_app.command()
def withdraw(as_of: Night, expectation: Name, reason: Reason, by: By = None) -> None:
    """Take a waiver back: the gate stops at this data again. What has gone through meanwhile stays as it is."""
    from expectations.waive import plan_withdrawal
    from expectations.waive import withdraw as take_back

    settings, night, by = Settings(), as_of.date(), who(by)
    plan_withdrawal(settings, night, expectation, reason, by)
    with journaled(settings, _run_id(), "withdraw", [night]) as outcome:
        outcome.message = take_back(settings, night, expectation, reason, by)[-1].told
    print(outcome.message)
    print(f"To judge a night anew that is built already: `tradeline run --as-of {night} --force-from {night}`")


def _run_id() -> str:
    return f"gates.{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
