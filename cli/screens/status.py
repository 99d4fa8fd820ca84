"""The status on the terminal."""

from datetime import date

from rich.console import RenderableType
from rich.text import Text

from cli.screens.tables import pairs
from cli.status import Failure, Status


def render(status: Status) -> RenderableType:
    """One line for each stage, then what failed and what gates warned of."""
    lines: list[tuple[str, RenderableType]] = [
        ("home", str(status.home)),
        ("landed", _landed(status)),
        ("built", _built(status)),
        ("trained", _trained(status)),
        ("published", _published(status)),
        ("failed", _failures(status.failures)),
    ]
    if status.unmade:
        lines.append(("not made", _failures(status.unmade)))
    if status.notices:
        lines.append(("notices", Text("\n".join(status.notices), style="yellow")))
    return pairs(lines)


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
