"""JSON files of the registry: replaced at once, and named with their fault where they are damaged."""

import json
import os
from pathlib import Path

from pydantic import BaseModel, ValidationError


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
