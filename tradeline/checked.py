"""Content that is checked when it is made: frozen models, and the YAML files that people edit."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from tradeline.errors import TradelineError

Content = TypeVar("Content")


class Frozen(BaseModel):
    """A model that takes no field that it does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_yaml(path: Path, kind: type[Content]) -> Content:
    """A YAML file as ``kind``, which pydantic checks.

    Raises:
        TradelineError: the file is missing or no YAML, or something in it is missing, unknown or out of bounds.
    """
    try:
        return TypeAdapter(kind).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, ValidationError, yaml.YAMLError) as error:
        raise TradelineError(f"{path}: {error}") from error
