"""The status on the terminal."""

from datetime import date, timedelta

from rich.console import RenderableType
from rich.text import Text

from cli.screens.tables import pairs
from cli.status import Failure, Status
from tradeline.business_days import today_in


def render(status: Status) -> RenderableType:
    """One line for each stage, then what failed and what gates warned of."""
    lines: list[tuple[str, RenderableType]] = [
        ("home", str(status.home)),
        *([("sources", _sources(status))] if status.sources else []),
        ("landed", _landed(status)),
        ("built", _built(status)),
        ("trained", _trained(status)),
        ("published", _published(status)),
        ("failed", _failures(status.failures)),
    ]
    if status.targets:
        lines.insert(-1, ("targets", _targets(status)))
    if status.unmade:
        lines.append(("not made", _failures(status.unmade)))
    if status.notices:
        lines.append(("notices", Text("\n".join(status.notices), style="yellow")))
    return pairs(lines)


def _sources(status: Status) -> Text:
    """A line for each source; red where its mapping cannot be read, yellow where a night waits for it."""
    lines = Text()
    last = today_in(status.timezone) - timedelta(days=1)
    for source in status.sources:
        through = f"landed through {source.landed_through}" if source.landed_through else "never landed"
        is_late = source.is_required and (source.landed_through is None or source.landed_through < last)
        said = source.problem or through + (f"; the night of {last} waits for it" if is_late else "")
        lines.append(f"{source.name}: {said}\n", "red" if source.problem else "yellow" if is_late else "")
    lines.rstrip()
    return lines


def _landed(status: Status) -> str:
    if status.landed is None:
        return "nothing; land data with `tradeline land`"
    landed = status.landed
    line = f"{landed.nights:,} nights{_span(landed.first_on, landed.last_on)}"
    return line + (f"; {landed.quarantined_files:,} files in quarantine" if landed.quarantined_files else "")


def _built(status: Status) -> str:
    if status.is_running:
        return "a run is in progress"
    if status.built is None or status.built.last_on is None:
        return "nothing; build with `tradeline run --as-of DATE`"
    pending = f"; {status.built.pending_nights:,} nights pending" if status.built.pending_nights else "; up to date"
    late = [
        f"; {count:,} rows {what}"
        for count, what in (
            (status.built.waiting_rows, "wait for their seller, loan or rate"),
            (status.built.taken_up_rows, "waited and were taken up"),
        )
        if count
    ]
    return f"{status.built.nights:,} nights to {status.built.last_on}{pending}{''.join(late)}"


def _trained(status: Status) -> str:
    if status.trained is None:
        return "no model serves yet" + (f"; {status.first_model}" if status.first_model else "")
    line = f"{status.trained.model_version}, as of {status.trained.trained_as_of}"
    if status.trained.auc:
        auc, low, high = status.trained.auc
        line += f", AUC {auc:.3f} [{low:.3f}, {high:.3f}]"
    return line


def _published(status: Status) -> str:
    if status.published is None:
        return "nothing yet"
    seen = status.published
    return (
        f"{seen.as_of} by run {seen.run_id} at {seen.published_at:%Y-%m-%d %H:%M} UTC: {seen.sellers:,} sellers, "
        f"{seen.eligible_sellers:,} with an offer, limits {seen.limit_total_amount:,.2f} {status.currency}"
    )


def _targets(status: Status) -> Text:
    lines = Text()
    for name, state in status.targets.items():
        since = f" at {state.delivered_at:%Y-%m-%d %H:%M} UTC" if state.delivered_at else ""
        line = f"{name}: {f'{state.as_of} of run {state.run_id}' if state.as_of else 'no night'}{since}"
        is_behind = status.published is not None and (state.as_of, state.run_id) != status.published.key
        behind = f", lacks {status.published.as_of}" if status.published and is_behind else ""
        failed = f"; failed at {state.failed_at:%Y-%m-%d %H:%M} UTC: {state.error}" if state.failed_at else ""
        lines.append(f"{line}{behind}{failed}\n", style="red" if failed else "yellow" if behind else "")
    lines.rstrip()
    return lines


def _failures(failures: tuple[Failure, ...]) -> Text:
    if not failures:
        return Text("nothing")
    lines = Text()
    for failure in failures:
        since = ", succeeded since" if failure.is_over else ""
        when = failure.ended_at[:16].replace("T", " ")
        # Once it has succeeded, what to do about it is of no interest.
        message = failure.message.partition("\n")[0] if failure.is_over else failure.message
        line = f"{failure.step} ({failure.run_id}, {when} UTC{since}): {message}\n"
        lines.append(line, style="dim" if failure.is_over else "red")
    lines.rstrip()
    return lines


def _span(first_on: date | None, last_on: date | None) -> str:
    return f", {first_on} to {last_on}" if first_on else ""
