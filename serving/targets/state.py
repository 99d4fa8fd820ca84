"""What a target was last given, and what went wrong since: ``targets/.state/NAME.json``, which the status shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import Field

from serving.targets.target import target_file
from tradeline.checked import Frozen, read_json
from tradeline.errors import TradelineError
from tradeline.files import ensure_folder, write_whole
from tradeline.settings import Settings


class TargetState(Frozen):
    """A target as it was last delivered to. Times are UTC.

    ``as_of``, ``run_id``: the latest night that its readers see. ``error``: why the last delivery failed, None where
    it did not. ``told``: of a webhook, the hash of what was last posted of each publication.
    """

    as_of: date | None = None
    run_id: str | None = None
    delivered_at: datetime | None = None
    error: str | None = None
    failed_at: datetime | None = None
    told: dict[str, str] = Field(default_factory=dict)


def read_state(settings: Settings, name: str) -> TargetState:
    """The state of a target; an empty one of a target that nothing was delivered to.

    Raises:
        Damaged: it cannot be read.
    """
    remedy = f"delete it: `tradeline publish --to {name}` asks the target itself what it has"
    return read_json(_file(settings, name), TargetState, remedy) or TargetState()


def keep_state(settings: Settings, name: str, state: TargetState) -> None:
    """Replace the state of a target."""
    write_whole(_file(settings, name), state.model_dump_json(indent=2))


@contextmanager
def held(settings: Settings, name: str) -> Iterator[None]:
    """Be the only delivery to a target.

    Raises:
        TradelineError: another one went on for all of ``lock_timeout_seconds``.
    """
    path = _file(settings, name).with_suffix(".lock")
    ensure_folder(path.parent)
    try:
        with FileLock(path, timeout=settings.lock_timeout_seconds):
            yield
    except Timeout as error:
        raise TradelineError(
            f"target {name}: another delivery to it was under way for {settings.lock_timeout_seconds:.0f} s: let it end"
        ) from error


def _file(settings: Settings, name: str) -> Path:
    return target_file(settings, name).parent / ".state" / f"{name}.json"
