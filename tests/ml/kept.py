"""Trainings that several tests ask for are made once in a process: the same rows, day and settings, the same bytes."""

import hashlib
from datetime import date
from pathlib import Path

import ml.config
from ml.registry.version import ModelVersion
from ml.train import train
from tradeline.settings import Settings

_KEPT: dict[tuple[object, ...], tuple[ModelVersion, dict[str, bytes]]] = {}


def train_once(settings: Settings, training_set: Path, as_of: date, run_id: str, catalogue: Path) -> ModelVersion:
    """As ``ml.train.train``, but what it has made once is put into ``models/`` again.

    For tests of what comes after a training, on training sets below ``models/``: a version names its own.
    """
    told = settings.model_dump_json(exclude={"home"})
    contents = (_hash(path) for path in (training_set, catalogue, ml.config.CONFIG))
    key = (training_set.relative_to(settings.models), as_of, run_id, told, *contents)
    if key not in _KEPT:
        version = train(settings, training_set, as_of, run_id, catalogue)
        _KEPT[key] = version, {path.name: path.read_bytes() for path in _folder(settings, version).iterdir()}
    version, files = _KEPT[key]
    folder = _folder(settings, version)
    if not folder.exists():
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    return version


def _folder(settings: Settings, version: ModelVersion) -> Path:
    return settings.models / version.model_version


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
