"""Content that is checked when it is made: frozen models, and the YAML files that people edit."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from tradeline.errors import BadInput, Damaged, TradelineError

Content = TypeVar("Content")
# libyaml where PyYAML was built with it, which reads the same ten times as fast.
SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Frozen(BaseModel):
    """A model that takes no field that it does not know, and never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def yaml_of(path: Path) -> Any:
    """The content of a YAML file, parsed once for as long as it says the same: nobody may change what is returned.

    Raises:
        OSError, UnicodeDecodeError, yaml.YAMLError: it cannot be read, is not UTF-8, or no YAML.
    """
    return _parsed(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=SAFE_LOADER)  # noqa: S506 (both loaders are safe)


def read_yaml(path: Path, kind: type[Content]) -> Content:
    """A YAML file as ``kind``, which pydantic checks.

    Raises:
        TradelineError: the file is missing or no YAML, or something in it is missing, unknown or out of bounds.
    """
    try:
        return TypeAdapter(kind).validate_python(yaml_of(path))
    except (OSError, UnicodeDecodeError, ValidationError, yaml.YAMLError) as error:
        raise TradelineError(f"{path}: {error}") from error


def read_own_yaml(path: Path, kind: type[Content]) -> Content:
    """As ``read_yaml``, of a file that a deployment keeps itself: the error names the lines at fault.

    Raises:
        BadInput: as ``read_yaml``; every fault is named by file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return TypeAdapter(kind).validate_python(_parsed(text))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read ({error}): write it as YAML in UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadInput(f"{path}, line {line}: {error.problem}: correct the YAML there") from error
    except ValidationError as error:
        root = yaml.compose(text, Loader=SAFE_LOADER)
        faults = [
            (".".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, "))
            for fault in error.errors(include_url=False)
        ]
        # A check of several fields together begins with the place that is at fault.
        told = [": ".join(filter(None, parts)) for parts in faults]
        lines = [_line(root, words.partition(":")[0].split(".")) for words in told]
        raise BadInput(
            "\n".join(f"{path}, line {line}: {words}" for line, words in zip(lines, told, strict=True))
        ) from error


def _line(node: yaml.Node | None, place: Sequence[str]) -> int:
    """The line of the innermost part of ``place`` that is there."""
    line = node.start_mark.line + 1 if node else 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            found = (node.value[int(part)], node.value[int(part)])
        else:
            found = None
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def read_json(path: Path, kind: type[Content], remedy: str) -> Content | None:
    """A JSON file as ``kind``, which pydantic checks; None where there is no file.

    ``remedy``: what to do where there is no backup of a damaged one.

    Raises:
        Damaged: it cannot be read.
    """
    if not path.exists():
        return None
    try:
        return TypeAdapter(kind).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        what = fault_of(error) if isinstance(error, ValidationError) else error.strerror
        raise Damaged(f"{path} cannot be read ({what}): restore it from a backup or, without one, {remedy}") from error


def fault_of(error: ValidationError) -> str:
    """The first thing that is wrong with a file, in one line."""
    first = error.errors(include_url=False)[0]
    return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
