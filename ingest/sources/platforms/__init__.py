"""Ready-made mappings of the export files that platforms offer; docs/platforms.md says what each takes for granted."""

import re
from pathlib import Path

from ingest.sources.names import meant_from_here, new_path
from tradeline.errors import BadInput
from tradeline.files import write_whole
from tradeline.settings import Settings

FOLDER = Path(__file__).parent


def platform_names() -> list[str]:
    """The platforms that there is a mapping for, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


def platform_mapping(platform: str, url: str) -> str:
    """The text of a platform's mapping, comments included, for files below ``url``.

    Raises:
        BadInput: there is none for that platform.
    """
    if platform not in platform_names():
        raise BadInput(f"{platform!r} is no platform that there is a mapping for: {', '.join(platform_names())}")
    written = (FOLDER / f"{platform}.yml").read_text(encoding="utf-8")
    quoted = "'" + url.replace("'", "''") + "'"
    return re.sub(r"^url: .*$", lambda _: f"url: {quoted}", written, count=1, flags=re.MULTILINE)


def write_platform(settings: Settings, name: str, platform: str, url: str | None, *, replace: bool = False) -> Path:
    """Write ``sources/NAME.yml`` for a platform's export files in the folder ``url``; its path.

    Raises:
        BadInput: there is no such platform, no ``url``, or a mapping of that name and not ``replace``.
    """
    if url is None:
        raise BadInput("say where the export files are: --url FOLDER")
    text = platform_mapping(platform, meant_from_here(settings, url))
    path = new_path(settings, name, replace=replace)
    write_whole(path, text)
    return path
