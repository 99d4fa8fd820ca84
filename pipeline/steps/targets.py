"""What is published goes to the targets of the deployment."""

from datetime import date

from pipeline.steps.step import outside_the_warehouse
from tradeline.settings import Settings

# What the journal calls the delivery to all targets.
DELIVER = "deliver"


def deliver(settings: Settings, run_id: str, name: str | None = None, as_of: date | None = None) -> str:
    """Bring every target up to date with what is published, or the one of that name; what came of it in a line.

    ``as_of``: a night that this one gets again.

    Raises:
        TradelineError: a target could not be brought up to date; those that could were.
    """
    from serving.targets.deliver import deliver as deliver_to
    from serving.targets.deliver import deliver_to_all
    from serving.targets.target import target_names

    if name is None and not target_names(settings):
        return f"there is no target in {settings.targets}"  # no step: a run's last word stays its publication
    with outside_the_warehouse(settings, run_id, f"{DELIVER} to {name}" if name else DELIVER, []) as outcome:
        said = [deliver_to(settings, name, as_of)] if name else deliver_to_all(settings)
        outcome.message = "; ".join(said)
    return outcome.message
