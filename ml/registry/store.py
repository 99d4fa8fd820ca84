"""Model versions as files: saved once, checked whenever read, never changed.

``models/<model_version>/`` holds ``model.json`` (all that is known, the scorecard included), ``judged.parquet`` (the
evaluation rows with every contender's pds) and the files of the algorithms that have one: ``model.ubj`` (the trees).
"""

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pydantic import ValidationError

from ml.errors import BadModel
from ml.learning.algorithm import Algorithm, Predictor, Saved
from ml.learning.registered import registered
from ml.registry.version import ModelVersion, name_version
from tradeline.checked import fault_of
from tradeline.files import put_file, put_folder
from tradeline.settings import Settings

Fitted = TypeVar("Fitted", bound=Algorithm)
VERSION_NAME = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{8}")


@dataclass(frozen=True)
class CreditModel:
    """A version together with the algorithm that serves."""

    version: ModelVersion
    predictor: Predictor


def save(settings: Settings, version: ModelVersion, files: dict[str, bytes]) -> bool:
    """Write a version aside and rename it into place; False where the same version is already there, whole.

    ``files``: the content of ``judged.parquet`` and of the algorithms' files.
    """
    target = settings.models / version.model_version
    if target.exists() and _is_whole(settings, version.model_version):
        return False
    aside = settings.models / f".{version.model_version}.{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, content in files.items():
        (aside / name).write_bytes(content)
    (aside / "model.json").write_text(version.model_dump_json(indent=2), encoding="utf-8")
    if target.exists():
        for file in aside.iterdir():  # damaged: mended, and the decision on it stays
            put_file(file, target / file.name)
        aside.rmdir()
    else:
        put_folder(aside, target)
    return True


def describe(settings: Settings, model_version: str) -> ModelVersion:
    """What is known about a version.

    Raises:
        BadModel: there is no such version, or its ``model.json`` is not what was saved.
    """
    path = settings.models / model_version / "model.json"
    if not path.exists():
        raise BadModel(f"there is no model {model_version} in {settings.models}")
    content = path.read_bytes()
    try:
        version = ModelVersion.model_validate_json(content)
    except ValidationError as error:
        if b'"out_of_time"' in content and b'"contenders"' not in content:
            raise BadModel(f"{path} was made by an earlier release of Tradeline: train again") from error
        raise BadModel(f"{path} cannot be read; restore it from a backup or train again: {fault_of(error)}") from error
    # By what is in the file: reading widens an interval of an earlier release that misses its value.
    if name_version(json.loads(content)) != model_version:
        raise BadModel(f"{path} was changed after it was saved; restore it from a backup or train again")
    return version


def load(settings: Settings, model_version: str) -> CreditModel:
    """A version, ready to score.

    Raises:
        BadModel: as ``describe`` and ``check_algorithms``, or it is served by an algorithm that is no longer named.
    """
    version = describe(settings, model_version)
    check_algorithms(settings, version)
    algorithm = registered().get(version.algorithm)
    if algorithm is None:
        raise BadModel(
            f"{model_version} is served by {version.algorithm}, which ml/model.yml does not name: add it to its "
            "algorithms again, or let another version serve"
        )
    return CreditModel(version, load_algorithm(settings, version, algorithm))


def load_algorithm(settings: Settings, version: ModelVersion, algorithm: type[Fitted]) -> Fitted:
    """What one algorithm came to in a version, whether it serves or not.

    Raises:
        BadModel: its file is absent, truncated or changed.
    """
    file = read_file(settings, version, algorithm.file) if algorithm.file else b""
    return algorithm.load(Saved(version.parts[algorithm.section], file), version.features, settings.threads)


def check_algorithms(settings: Settings, version: ModelVersion) -> None:
    """Refuse a version of which an algorithm's file, whether it serves or not, is not as it was saved.

    Raises:
        BadModel: names the file.
    """
    for name in algorithm_files(version):
        read_file(settings, version, name)


def algorithm_files(version: ModelVersion) -> list[str]:
    """The names of the files that its algorithms have beside ``model.json``."""
    return [each.file for each in algorithms_of(version).values() if each.file]


def algorithms_of(version: ModelVersion) -> dict[str, type[Algorithm]]:
    """The algorithms of a version that are still named in ``ml/model.yml``, by name."""
    return {name: each for name, each in registered().items() if name in version.contenders}


def read_file(settings: Settings, version: ModelVersion, name: str) -> bytes:
    """The content of a version's ``judged.parquet``, or of an algorithm's file.

    Raises:
        BadModel: it is absent, truncated or changed.
    """
    path = settings.models / version.model_version / name
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != version.fingerprint_of(name):
        raise BadModel(f"{path} is not the file that was saved; restore it from a backup or train again")
    return content


def _is_whole(settings: Settings, model_version: str) -> bool:
    try:
        version = describe(settings, model_version)
        check_algorithms(settings, version)
        read_file(settings, version, "judged.parquet")
    except BadModel:
        return False
    return True


def version_names(settings: Settings) -> list[str]:
    """The names of all versions, damaged ones too, by the day they were trained for."""
    return sorted(path.name for path in settings.models.glob("*/") if VERSION_NAME.fullmatch(path.name))


def trained_days(settings: Settings) -> list[date]:
    """The days that versions were trained for, damaged ones too, in order."""
    return [date.fromisoformat(name[:10]) for name in version_names(settings)]
