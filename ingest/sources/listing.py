"""The sources of a deployment at a glance: which there are, how far each has landed, and for which a night waits."""

from dataclasses import dataclass
from datetime import date, datetime

from ingest.sources.names import read_source
from ingest.sources.state import read_state
from tradeline.contracts.sources import source_names
from tradeline.errors import TradelineError
from tradeline.settings import Settings


@dataclass(frozen=True)
class SourceStanding:
    """How a source stands: ``landed_through`` is the last night that has landed, None before the first.

    ``rows`` are those of the last landing, by table. ``problem``: why its mapping or its state cannot be read.
    """

    name: str
    kind: str
    schedule: str
    is_required: bool
    landed_through: date | None = None
    landed_at: datetime | None = None
    rows: dict[str, int] | None = None
    problem: str = ""


def list_sources(settings: Settings) -> list[SourceStanding]:
    """Every source, also one whose mapping cannot be read."""
    return [_standing(settings, name) for name in source_names(settings)]


def not_landed(settings: Settings, night: date) -> list[SourceStanding]:
    """The required sources that have not landed through a night."""
    return [
        source
        for source in list_sources(settings)
        if source.is_required and (source.landed_through is None or source.landed_through < night)
    ]


def _standing(settings: Settings, name: str) -> SourceStanding:
    try:
        source = read_source(settings, name)
    except TradelineError as error:
        return SourceStanding(name, "", "", is_required=True, problem=str(error))
    try:
        state, problem = read_state(settings, name), ""
    except TradelineError as error:
        state, problem = None, str(error)
    return SourceStanding(
        name,
        source.kind,
        source.on_asset or source.schedule,
        source.is_required,
        state.landed_through if state else None,
        state.landed_at if state else None,
        state.rows if state else None,
        problem,
    )
