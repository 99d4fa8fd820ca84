"""``models/champion.json``: a history of promotions and rollbacks that is only appended to; quick to import."""

from datetime import date, datetime

from ml.registry.json_files import read_json
from tradeline.checked import Frozen
from tradeline.settings import Settings


class Cause(Frozen):
    """Who changed by hand which version serves, and why; ``by`` is the operating system's account."""

    by: str
    reason: str


class Serving(Frozen):
    """One entry of the history: the version serves nights from ``trained_as_of`` on.

    ``withdraws``: versions that serve no night from this entry on, until a later entry names one of them again.
    ``cause``: the person behind a rollback; None for a promotion.
    """

    model_version: str
    trained_as_of: date
    promoted_at: datetime
    withdraws: tuple[str, ...] = ()
    cause: Cause | None = None


class Champion(Frozen):
    """The content of ``champion.json``; ``champion`` serves the latest nights."""

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
