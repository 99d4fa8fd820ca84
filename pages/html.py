"""Pages that are one file and need nothing from the net."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

STYLESHEET = Path(__file__).parent / "page.css"


def render(template: Path, filters: Mapping[str, Callable[..., Any]] | None = None, **values: Any) -> str:
    """A Jinja template filled in; it finds the pages' style under the name ``stylesheet``.

    Every name in the template must be given. Text is escaped where the template's name ends in ``html.j2``.
    """
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=select_autoescape(("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters or {}
    stylesheet = STYLESHEET.read_text(encoding="utf-8")
    return environment.get_template(template.name).render(stylesheet=stylesheet, **values)
