"""Which version serves a night, and the change of it: one at a time, by appending to the history."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from filelock import FileLock, Timeout

from ml.registry.json_files import write_json
from ml.registry.pointer import Cause, Champion, Serving, read_champion
from ml.registry.store import describe
from ml.registry.version import ModelVersion
from tradeline.errors import TradelineError
from tradeline.settings import Settings


def serving_model(settings: Settings, as_of: date) -> ModelVersion | None:
    """The version that serves the night ``as_of``: the latest one in force that was trained by then.

    A night in the past is never scored with a model that knows what came after it.
    """
    champion = read_champion(settings)
    entry = champion.serving(as_of) if champion else None
    return describe(settings, entry.model_version) if entry else None


def append_champion(
    settings: Settings,
    version: ModelVersion,
    promoted_at: datetime,
    withdraws: tuple[str, ...] = (),
    cause: Cause | None = None,
) -> Champion:
    """Let ``version`` serve nights from its ``trained_as_of`` on; the pointer is replaced atomically.

    The caller holds ``registry_lock``, or has the home to itself.
    """
    entry = Serving(
        model_version=version.model_version,
        trained_as_of=version.trained_as_of,
        promoted_at=promoted_at,
        withdraws=withdraws,
        cause=cause,
    )
    before = read_champion(settings)
    champion = Champion(champion=version.model_version, history=(*(before.history if before else ()), entry))
    champion = champion.model_copy(update={"champion": champion.in_force[-1].model_version})
    write_json(settings.models / "champion.json", champion)
    return champion


@contextmanager
def registry_lock(settings: Settings) -> Iterator[None]:
    """Be the only one who decides which version serves, whoever else is about it: a DAG or a person.

    Whoever holds it may take it again. It is not the warehouse's: a rollback need not wait for a night being built.

    Raises:
        TradelineError: the lock was not free within ``lock_timeout_seconds``.
    """
    settings.models.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.models / "champion.lock", is_singleton=True)
    try:
        lock.acquire(timeout=settings.lock_timeout_seconds)
    except Timeout as error:
        raise TradelineError(
            f"another promotion or rollback held {settings.models} for {settings.lock_timeout_seconds:.0f} s: "
            "let it end, or raise TRADELINE_LOCK_TIMEOUT_SECONDS"
        ) from error
    try:
        yield
    finally:
        lock.release()
