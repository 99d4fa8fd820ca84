"""The first task of every run: which nights the run is for, and what its form waives."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pipeline.nights import asked_nights, asked_waiver, refuse_future
from tradeline.journal import journaled, named_nights
from tradeline.settings import Settings


def choose_nights(
    settings: Settings,
    run_id: str,
    form: Mapping[str, Any],
    by: str,
    choose: Callable[[Settings], list[date] | str],
) -> list[date] | str:
    """The nights that ``choose`` names, or its reason why the run is skipped; journaled as the step ``nights``.

    What the form waives is waived first, by the person ``by``, so that the gates of this run know of it.

    Raises:
        BadInput: the form contradicts itself, a night is still to come, or what it waives cannot be waived.
    """
    with journaled(settings, run_id, "nights", []) as outcome:
        wish = asked_waiver(settings, form)
        chosen = choose(settings)
        if isinstance(chosen, str):
            outcome.skip(chosen)
            return chosen
        for night in chosen:
            refuse_future(settings, night)  # a backfill's dates are not the form's
        outcome.message = named_nights(chosen)
    if wish:
        from pipeline import steps

        steps.waive(settings, run_id, *wish, by)
    return chosen


def asked_or_newest(settings: Settings, form: Mapping[str, Any]) -> list[date]:
    """The nights that a form asks for or, where it asks for none, the latest that is built.

    Raises:
        BadInput: as of ``asked_nights``, or no night is built yet.
    """
    from pipeline.steps import newest_features_night

    return asked_nights(settings, form) or [newest_features_night(settings)]
