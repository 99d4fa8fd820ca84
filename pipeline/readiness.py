"""Whether a night is ready to be built: all required sources have landed it, or its deadline has come.

Imported whenever a DAG file is parsed, so it imports nothing heavy at the top.
"""

import logging
from datetime import date
from typing import TYPE_CHECKING

from pipeline.nights import has_landed_between
from tradeline.contracts.sources import source_names
from tradeline.settings import PROJECT, Settings

if TYPE_CHECKING:
    from ingest.sources.listing import SourceStanding

log = logging.getLogger(__name__)


def dag_ids(settings: Settings) -> list[str]:
    """The DAGs of the deployment: one for each file in ``dags/``, and of ``land_sources.py`` one for each source."""
    stems = {path.stem for path in (PROJECT / "dags").glob("*.py")} - {"land_sources"}
    return sorted(stems | {f"land_{name}" for name in source_names(settings)})


def night_that_is_ready(settings: Settings, night: date) -> list[date] | str:
    """The night, if all required sources have landed it; else why it is left to a later run."""
    if waits_for := _missing(settings, night):
        return f"{night} waits for {waits_for}; it is built without them at the latest at the scheduled time"
    if _is_built(settings, night):
        return f"{night} is built, and nothing new has landed"
    return [night]


def night_at_the_deadline(settings: Settings, night: date) -> list[date] | str:
    """The night, unless nothing has landed for it, or it was built when its sources had landed."""
    if not has_landed_between(settings, night, night):
        return f"nothing has landed for {night}; once it has, trigger a run as of {night}"
    if not source_names(settings):
        return [night]
    if missing := _missing(settings, night):
        log.warning("%s is built without %s; what they bring is taken up once they have landed", night, missing)
    elif _is_built(settings, night):
        return f"{night} was built when its sources had landed"
    return [night]


def _missing(settings: Settings, night: date) -> str:
    """The required sources that have not landed a night, in words; empty if all have."""
    from ingest.sources.listing import not_landed

    return ", ".join(f"{source.name} ({_standing(source)})" for source in not_landed(settings, night))


def _standing(source: "SourceStanding") -> str:
    return source.problem.partition("\n")[0] or f"landed through {source.landed_through or 'no night'}"


def _is_built(settings: Settings, night: date) -> bool:
    """Whether the features of a night are there, and nothing that landed by then is not in them."""
    from ingest.plan import plan_nights
    from pipeline.steps.marts import newest_features_night
    from tradeline.errors import BadInput

    try:
        return newest_features_night(settings) >= night and plan_nights(settings, night) is None
    except BadInput:
        return False
