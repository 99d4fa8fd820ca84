"""JSON files of the registry: replaced at once, and named with their fault where they are damaged."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from ml.errors import BadModel
from tradeline import checked
from tradeline.errors import Damaged
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
    try:
        return checked.read_json(path, kind, otherwise)
    except Damaged as error:
        raise BadModel(str(error)) from error
