"""Model versions as files: saved once, checked whenever read, never changed.

``models/<model_version>/`` holds ``model.ubj`` and ``model.json``; ``models/champion.json`` says which version serves
and since when, as a history of promotions and rollbacks that is only ever appended to.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xgboost as xgb
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from ml.errors import BadModel
from ml.version import ModelVersion, name_version
from tradeline.errors import TradelineError
from tradeline.settings import Settings

VERSION_NAME = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}")


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


@dataclass(frozen=True)
class CreditModel:
    """A version together with its trees."""

    version: ModelVersion
    booster: xgb.Booster
    threads: int


def save(settings: Settings, version: ModelVersion, booster: bytes) -> bool:
    """Write a version aside and rename it into place; False where the same version is already there, whole."""
    target = settings.models / version.model_version
    if target.exists() and _is_whole(settings, version.model_version):
        return False
    aside = settings.models / f".{version.model_version}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    (aside / "model.ubj").write_bytes(booster)
    (aside / "model.json").write_text(version.model_dump_json(indent=2), encoding="utf-8")
    if target.exists():
        shutil.copytree(aside, target, dirs_exist_ok=True)  # damaged: mended, and the decision on it stays
        shutil.rmtree(aside)
    else:
        aside.rename(target)
    return True


def describe(settings: Settings, model_version: str) -> ModelVersion:
    """What is known about a version.

    Raises:
        BadModel: there is no such version, or its ``model.json`` is not what was saved.
    """
    path = settings.models / model_version / "model.json"
    if not path.exists():
        raise BadModel(f"there is no model {model_version} in {settings.models}")
    try:
        version = ModelVersion.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadModel(f"{path} cannot be read; restore it from a backup or train again: {fault_of(error)}") from error
    if name_version(version.model_dump(mode="json")) != model_version:
        raise BadModel(f"{path} was changed after it was saved; restore it from a backup or train again")
    return version


def load(settings: Settings, model_version: str) -> CreditModel:
    """A version with its trees, ready to score.

    Raises:
        BadModel: as ``describe``, or ``model.ubj`` is truncated or changed.
    """
    version = describe(settings, model_version)
    booster = xgb.Booster({"nthread": settings.threads})
    booster.load_model(bytearray(read_trees(settings, version)))
    return CreditModel(version, booster, settings.threads)


def read_trees(settings: Settings, version: ModelVersion) -> bytes:
    """The content of a version's ``model.ubj``.

    Raises:
        BadModel: it is absent, truncated or changed.
    """
    path = settings.models / version.model_version / "model.ubj"
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != version.model_fingerprint:
        raise BadModel(f"{path} is not the file that was saved; restore it from a backup or train again")
    return content


def _is_whole(settings: Settings, model_version: str) -> bool:
    try:
        load(settings, model_version)
    except BadModel:
        return False
    return True


def version_names(settings: Settings) -> list[str]:
    """The names of all versions, damaged ones too, by the day they were trained for."""
    return sorted(path.name for path in settings.models.glob("*/") if VERSION_NAME.fullmatch(path.name))


def list_versions(settings: Settings) -> list[ModelVersion]:
    """Every version, by the day it was trained for, then by name."""
    names = [path.parent.name for path in settings.models.glob("[!.]*/model.json")]
    return sorted(
        (describe(settings, name) for name in names), key=lambda version: (version.trained_as_of, version.model_version)
    )


def read_champion(settings: Settings) -> Champion | None:
    """The pointer to the serving model; None before the first promotion.

    Raises:
        BadModel: the pointer cannot be read.
    """
    path = settings.models / "champion.json"
    if not path.exists():
        return None
    try:
        return Champion.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadModel(
            f"{path} cannot be read ({fault_of(error)}); restore it from a backup or, if there is none, move it away "
            "and promote a version again with `tradeline models promote`"
        ) from error


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


def write_json(path: Path, content: BaseModel) -> None:
    """Replace a file atomically, so that a reader sees the whole old or the whole new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(content.model_dump(mode="json"), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def fault_of(error: ValidationError) -> str:
    """The first thing that is wrong with a file, in one line."""
    first = error.errors(include_url=False)[0]
    return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
