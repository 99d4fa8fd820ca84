"""Which version serves: ``models/champion.json``, a history of promotions and rollbacks that is only appended to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from ml.versions.json_files import read_json, write_json
from ml.versions.registry import describe
from ml.versions.version import ModelVersion
from tradeline.errors import TradelineError
from tradeline.settings import Settings


class Cause(BaseModel):
    """Who changed by hand which version serves, and why; ``by`` is the operating system's account."""

    model_config = ConfigDict(frozen=True)

    by: str
    reason: str


class Serving(BaseModel):
    """One entry of the history: the version serves nights from ``trained_as_of`` on.

    ``withdraws``: versions that serve no night from this entry on, until a later entry names one of them again.
    ``cause``: the person behind a rollback; None for a promotion.
    """

    model_config = ConfigDict(frozen=True)

    model_version: str
    trained_as_of: date
    promoted_at: datetime
    withdraws: tuple[str, ...] = ()
    cause: Cause | None = None


class Champion(BaseModel):
    """The content of ``champion.json``; ``champion`` serves the latest nights."""

    model_config = ConfigDict(frozen=True)

    champion: str
    history: tuple[Serving, ...]

    @property
    def in_force(self) -> tuple[Serving, ...]:
        """The entries that no later one withdrew, as they rank: of those trained by a night the last serves it."""
        kept: list[Serving] = []
        for entry in self.history:
            kept = [each for each in kept if each.model_version not in entry.withdraws]
            kept.append(entry)
        # Trained latest last, then promoted last: a past month retrained today does not take over from today's.
        return tuple(sorted(kept, key=lambda entry: entry.trained_as_of))

    def serving(self, as_of: date = date.max) -> Serving | None:
        """The entry that serves the night ``as_of``; by default the latest nights."""
        known = [entry for entry in self.in_force if entry.trained_as_of <= as_of]
        return known[-1] if known else None

    def withdrawal(self, model_version: str) -> Serving | None:
        """The entry that withdrew a version; None where it is in force or never served."""
        if any(entry.model_version == model_version for entry in self.in_force):
            return None
        return next((entry for entry in reversed(self.history) if model_version in entry.withdraws), None)


def read_champion(settings: Settings) -> Champion | None:
    """The pointer to the serving model; None before the first promotion.

    Raises:
        BadModel: the pointer cannot be read.
    """
    again = "move it away and promote a version again with `tradeline models promote`"
    return read_json(settings.models / "champion.json", Champion, again)


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
