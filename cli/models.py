"""``tradeline models``: the commands that list, compare, promote and roll back model versions."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.options import night_option, own_settings, run_id
from tradeline.account import account
from tradeline.errors import BadInput, TradelineError

if TYPE_CHECKING:
    from ml.registry.pointer import Cause
    from ml.registry.version import ModelVersion
    from tradeline.settings import Settings

PIPED_WIDTH = 160  # so that a version stays a line for grep
STAYS = (
    "Published nights stay as they are; to score one again: `tradeline run --as-of DATE`, or trigger loan_eligibility"
)

models_app = typer.Typer(help="List, compare, promote and roll back model versions.", no_args_is_help=True)

Version = Annotated[str, typer.Argument(metavar="VERSION", help="A model_version, or enough of its beginning.")]
Output = Annotated[
    Literal["table", "json"],
    typer.Option("--format", help="How to print it: a table for people, or json with every figure, exactly."),
]


@models_app.command("list")
def list_(output: Output = "table") -> None:
    """List every version: its training data, its AUC, the promotion decision, and which one serves (*)."""
    from ml.promotion.listing import list_all

    found = list_all(own_settings())
    if output == "json":
        print(found.model_dump_json(indent=2))
    else:
        from rich.console import Console

        from cli.screens.models import render_listing

        console = Console()
        width = console.width if console.is_terminal else max(console.width, PIPED_WIDTH)
        Console(width=width).print(render_listing(found, width))


@models_app.command()
def show(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="VERSION", help="A model_version, or enough of its beginning; by default the one that serves."
        ),
    ] = None,
    output: Output = "table",
) -> None:
    """Show one version: its data, split, features and metrics, and the promotion decision with its numbers."""
    from ml.promotion.listing import find_version
    from ml.promotion.listing import show as look

    settings = own_settings()
    found = look(settings, find_version(settings, name) if name else None)
    if output == "json":
        print(found.model_dump_json(indent=2))
    else:
        from rich.console import Console

        from cli.screens.models import render_shown

        Console().print(render_shown(found))
        print(_where_card_is(settings, found.version.model_version))


@models_app.command()
def compare(first: Version, second: Version, output: Output = "table") -> None:
    """Evaluate two versions on the same rows, the evaluation rows of the one trained later, and list what differs."""
    from ml.promotion.compare import compare as evaluate
    from ml.promotion.listing import find_version

    settings = own_settings()
    found = evaluate(settings, find_version(settings, first), find_version(settings, second))
    if output == "json":
        print(found.model_dump_json(indent=2))
    else:
        from rich.console import Console

        from cli.screens.models import render_comparison

        Console().print(render_comparison(found))


@models_app.command()
def promote(
    name: Version,
    force: Annotated[
        bool, typer.Option("--force", help="Let it serve even if the promotion rule refuses it; this is recorded.")
    ] = False,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why it is forced; needed with --force.")] = None,
) -> None:
    """Apply the promotion rule of the credit_model DAG to a version, and let it serve if the rule allows it."""
    from ml.promotion.listing import find_version
    from ml.registry.pointer import read_champion
    from ml.registry.store import describe

    cause = _cause(reason) if reason is not None else None
    if force and cause is None:
        raise BadInput("--force overrides the promotion rule: it needs --reason TEXT, which is kept with the version")
    settings = own_settings()
    version = describe(settings, find_version(settings, name))
    champion = read_champion(settings)
    serving = champion.serving(version.trained_as_of) if champion else None
    if serving and serving.model_version == version.model_version:
        print(f"{version.model_version} serves nights from {version.trained_as_of} on already")
    else:
        _promote(settings, version, force, cause)


def _promote(settings: "Settings", version: "ModelVersion", force: bool, cause: "Cause | None") -> None:
    from rich.console import Console

    from cli.screens.models import render_decision
    from ml.promotion.promote import promote_or_keep
    from ml.registry.pointer import read_champion
    from ml.reports.mlflow.tracking import log_if_tracked
    from tradeline.journal import journaled

    name = version.model_version
    with journaled(settings, run_id("models"), "promote", [version.trained_as_of]) as outcome:
        decision = promote_or_keep(settings, name, force, cause)
        asked = f" (by {cause.by}: {cause.reason})" if cause else ""
        outcome.message = f"{name} {'serves' if decision.is_promoted else 'is kept aside'}: {decision.reason}{asked}"
    Console().print(render_decision(decision))
    _write_cards(settings, name)
    log_if_tracked(settings, run_id("models"), name)
    if not decision.is_promoted:
        raise TradelineError(f"{name} is not promoted; --force --reason TEXT lets it serve nevertheless")
    champion = read_champion(settings)
    if champion and champion.champion != name:
        print(f"{name} serves nights from {version.trained_as_of} on, but the latest ones {champion.champion}")
    print(STAYS)


@models_app.command()
def rollback(
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why the serving version is rolled back; kept with who did it.")
    ],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION", help="The earlier version to return to; by default the one before the serving."
        ),
    ] = None,
) -> None:
    """Return to an earlier version, by default the one before the champion; it scores the nights from now on."""
    from ml.promotion.listing import find_version
    from ml.promotion.rollback import plan_rollback, roll_back
    from ml.registry.champion import registry_lock
    from tradeline.journal import journaled

    settings, cause = own_settings(), _cause(reason)
    name = find_version(settings, to) if to else None
    with registry_lock(settings):
        plan_rollback(settings, name)  # what cannot be done is said, and is no failed step of the journal
        with journaled(settings, run_id("models"), "rollback", []) as outcome:
            done = roll_back(settings, cause, name)
            outcome.message = f"{done.serves} serves again instead of {done.served} (by {cause.by}: {cause.reason})"
    print(f"{done.serves} serves again instead of {done.served}; withdrawn: {', '.join(done.withdraws) or 'none'}")
    _write_cards(settings, done.serves, *done.withdraws)
    print(STAYS)


@models_app.command()
def card(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="VERSION", help="A model_version, or enough of its beginning; by default the one that serves."
        ),
    ] = None,
) -> None:
    """Write the model card of one version, card.html and card.json beside it, and print where the page is."""
    from ml.promotion.listing import find_version, show
    from ml.reports.card.write import write_card

    settings = own_settings()
    print(write_card(settings, find_version(settings, name) if name else show(settings).version.model_version))


@models_app.command("log")
def log_(name: Version) -> None:
    """Log a version to the MLflow server of MLFLOW_TRACKING_URI; promotions are logged there automatically."""
    from ml.promotion.listing import find_version
    from ml.promotion.promote import find_promotion
    from ml.registry.store import describe
    from ml.reports.mlflow.tracking import log_version

    settings = own_settings()
    version = describe(settings, find_version(settings, name))
    log_version(settings, version, find_promotion(settings, version.model_version))
    print(f"{version.model_version} is logged to MLflow")


@models_app.command()
def stability(
    as_of: Annotated[
        datetime | None,
        night_option("The scored night to show; by default the latest."),
    ] = None,
    output: Annotated[
        Literal["table", "csv", "json"],
        typer.Option(
            "--format", help="How to print it: a table for people; csv or json with every figure of every feature."
        ),
    ] = "table",
) -> None:
    """Show the drift of a scored night: from the model's baseline, and from the scored night before."""
    from ml.monitoring.stability_night import NightDrift, read_night

    night = read_night(own_settings(), as_of.date() if as_of else None)
    if output == "table":
        from rich.console import Console

        from cli.screens.stability import render_stability

        Console().print(render_stability(night))
    else:
        from cli.screens.formats import to_csv, to_json
        from serving.query import Result

        figures = Result(tuple(NightDrift.model_fields), (), [tuple(each.model_dump().values()) for each in night])
        print(to_csv(figures) if output == "csv" else to_json(figures), end="")


@models_app.command()
def fairness(
    as_of: Annotated[
        datetime | None,
        night_option("The published night to show; by default the latest."),
    ] = None,
    output: Output = "table",
) -> None:
    """Show to which groups of sellers a published night offered loans, how much and at what rate."""
    from serving.decision_fairness import read_decision_fairness

    found = read_decision_fairness(own_settings(), as_of.date() if as_of else None)
    if output == "json":
        print(found.model_dump_json(indent=2))
    else:
        from rich.console import Console

        from cli.screens.fairness import render_fairness

        console = Console()
        Console(width=max(console.width, 0 if console.is_terminal else PIPED_WIDTH)).print(render_fairness(found))


def _where_card_is(settings: "Settings", name: str) -> str:
    from ml.reports.card.write import card_path

    page = card_path(settings, name)
    return f"Model card: {page}" if page.exists() else f"Model card: none yet; `tradeline models card {name}` writes it"


def _write_cards(settings: "Settings", *names: str) -> None:
    """After a decision, which stands whatever becomes of the cards: a damaged version has none."""
    from ml.reports.card.write import write_card_or_go_on

    for name in names:
        if page := write_card_or_go_on(settings, run_id("models"), name):
            print(f"Model card: {page}")


def _cause(reason: str) -> "Cause":
    from ml.registry.pointer import Cause

    if not reason.strip():
        raise BadInput("--reason is empty: write why; it is kept with the name of who did it")
    return Cause(by=account(), reason=reason.strip())
