"""JSON files of the registry: replaced at once, and named with their fault where they are damaged."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ml.errors import BadModel
from tradeline.files import write_whole

Content = TypeVar("Content", bound=BaseModel)


def write_json(path: Path, content: BaseModel) -> None:
    """Replace a file at once."""
    write_whole(path, json.dumps(content.model_dump(mode="json"), indent=2))


def read_json(path: Path, kind: type[Content], otherwise: str) -> Content | None:
    """The file's content; None where there is no file. ``otherwise``: what to do without a backup of a damaged one.

    Raises:
        BadModel: it cannot be read.
    """
    if not path.exists():
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise BadModel(
            f"{path} cannot be read ({fault_of(error)}); restore it from a backup or, if there is none, {otherwise}"
        ) from error


def fault_of(error: ValidationError) -> str:
    """The first thing that is wrong with a file, in one line."""
    first = error.errors(include_url=False)[0]
    return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
