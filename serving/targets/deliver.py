"""Delivery: what is published goes to the targets, each for itself, with what an earlier delivery could not bring."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from serving.targets.state import TargetState, held, keep_state, read_state
from serving.targets.target import check_known, read_target, target_names
from serving.targets.writer import Writer, open_writer, shown
from tradeline.contracts.publications import Publication, find_publication, latest_publication, read_publications
from tradeline.damage import damage_told
from tradeline.errors import BadInput, Damaged, TradelineError
from tradeline.journal import named_nights
from tradeline.settings import Settings

log = logging.getLogger(__name__)


def deliver_to_all(settings: Settings) -> list[str]:
    """Bring every target up to date; what came of each in a line. One that fails holds no other up.

    Raises:
        TradelineError: targets failed; ``BadInput`` where trying again cannot help any of them.
    """
    said, errors = [], []
    for name in target_names(settings):
        try:
            said.append(deliver(settings, name))
        except TradelineError as error:
            log.error("%s", error)
            errors.append(error)
    if errors:
        kind = BadInput if all(isinstance(error, BadInput | Damaged) for error in errors) else TradelineError
        raise kind("\n".join([*map(str, errors), *said]))
    return said


def deliver(settings: Settings, name: str, as_of: date | None = None) -> str:
    """Bring a target up to date with what is published; what came of it in a line.

    ``as_of``: a night that it gets again, whether it has it or not.

    Raises:
        TradelineError: it cannot be reached, refuses, or kept files are damaged; ``BadInput`` where its file is wrong
            or it is to have nothing of the night. A delivery that failed is in the target's state until one succeeds.
    """
    started = time.perf_counter()
    check_known(settings, name)
    with held(settings, name):
        asked = _asked(settings, name, as_of) if as_of else None
        with _failure_kept(settings, name) as told:
            target, publications = read_target(settings, name), read_publications(settings)
            with open_writer(settings, name, target, told) as writer:
                wanted = [asked] if asked else writer.missing(publications)
                _write(writer, wanted, publications)
        latest = latest_publication(publications)
        seen = {"as_of": latest.as_of, "run_id": latest.run_id} if latest else {}
        keep_state(settings, name, TargetState(**seen, delivered_at=_now(), told=told))
    what = f"{named_nights([found.as_of for found in wanted])} delivered" if wanted else "nothing was missing"
    log.info("target %s: %s, %.1f s", name, what, time.perf_counter() - started)
    return f"{name}: {what}"


@contextmanager
def _failure_kept(settings: Settings, name: str) -> Iterator[dict[str, str]]:
    """What the target was told, to be added to; a delivery that fails is kept in its state and told by its name."""
    state = read_state(settings, name)
    told = dict(state.told)
    try:
        with damage_told(settings.home):
            yield told
    except Exception as error:
        # Whatever is wrong with one target, the others are to have theirs.
        is_told = isinstance(error, TradelineError)
        said = str(error) if is_told else f"{type(error).__name__}: {error}"
        keep_state(settings, name, state.model_copy(update={"error": said, "failed_at": _now(), "told": told}))
        again = f"Once that is mended, `tradeline publish --to {name}` or the next night brings what is missing"
        kind = type(error) if is_told else TradelineError
        raise kind(f"target {name}: {said.rstrip('.?')}. {again}") from error


def _asked(settings: Settings, name: str, as_of: date) -> Publication:
    """The publication of a night that the target is to have again."""
    target, asked = read_target(settings, name), find_publication(settings, as_of)
    if target.kind != "webhook" and asked not in shown(target, read_publications(settings)):
        raise BadInput(f"{name} keeps the latest night alone, which {as_of} is not: set `history: true` in its file")
    return asked


def _write(writer: Writer, wanted: list[Publication], publications: list[Publication]) -> None:
    """Each for itself, so that a night whose files are damaged keeps no other from the target."""
    damages = []
    for publication in wanted:
        try:
            writer.write(publication, publications)
        except Damaged as error:
            damages.append(error)
    if len(damages) == len(wanted):
        writer.follow(publications)
    if damages:
        raise Damaged("\n".join(map(str, damages)))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)
