"""Model versions as files: saved once, checked whenever read, never changed.

``models/<model_version>/`` holds ``model.ubj`` and ``model.json``; ``models/champion.json`` says which version serves
and since when.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xgboost as xgb
from pydantic import BaseModel, ConfigDict, ValidationError

from ml.errors import BadModel
from ml.version import ModelVersion, name_version
from tradeline.settings import Settings


class Serving(BaseModel):
    """One entry of the history: the version serves nights from ``trained_as_of`` on."""

    model_config = ConfigDict(frozen=True)

    model_version: str
    trained_as_of: date
    promoted_at: datetime


class Champion(BaseModel):
    """The content of ``champion.json``; ``champion`` serves the latest nights."""

    model_config = ConfigDict(frozen=True)

    champion: str
    history: tuple[Serving, ...]


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
        raise BadModel(f"{path} cannot be read; restore it from a backup or train again: {error}") from error
    if name_version(version.model_dump(mode="json")) != model_version:
        raise BadModel(f"{path} was changed after it was saved; restore it from a backup or train again")
    return version


def load(settings: Settings, model_version: str) -> CreditModel:
    """A version with its trees, ready to score.

    Raises:
        BadModel: as ``describe``, or ``model.ubj`` is truncated or changed.
    """
    version = describe(settings, model_version)
    path = settings.models / model_version / "model.ubj"
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != version.model_fingerprint:
        raise BadModel(f"{path} is not the file that was saved; restore it from a backup or train again")
    booster = xgb.Booster({"nthread": settings.threads})
    booster.load_model(bytearray(content))
    return CreditModel(version, booster, settings.threads)


def _is_whole(settings: Settings, model_version: str) -> bool:
    try:
        load(settings, model_version)
    except BadModel:
        return False
    return True


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
        raise BadModel(f"{path} cannot be read; restore it from a backup: {error}") from error


def serving_model(settings: Settings, as_of: date) -> ModelVersion | None:
    """The version that serves the night ``as_of``: the latest promoted one that was trained by then.

    A night in the past is never scored with a model that knows what came after it.
    """
    champion = read_champion(settings)
    known = [entry for entry in champion.history if entry.trained_as_of <= as_of] if champion else []
    return describe(settings, _latest(known).model_version) if known else None


def append_champion(settings: Settings, version: ModelVersion, promoted_at: datetime) -> Champion:
    """Let ``version`` serve nights from its ``trained_as_of`` on; the pointer is replaced atomically."""
    entry = Serving(model_version=version.model_version, trained_as_of=version.trained_as_of, promoted_at=promoted_at)
    before = read_champion(settings)
    history = (*(before.history if before else ()), entry)
    champion = Champion(champion=_latest(history).model_version, history=history)
    write_json(settings.models / "champion.json", champion)
    return champion


def write_json(path: Path, content: BaseModel) -> None:
    """Replace a file atomically, so that a reader sees the whole old or the whole new one."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as file:
        json.dump(content.model_dump(mode="json"), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def _latest(history: list[Serving] | tuple[Serving, ...]) -> Serving:
    # Trained latest first, then promoted last: a past month that is retrained today does not take over from today's.
    return max(enumerate(history), key=lambda item: (item[1].trained_as_of, item[0]))[1]
