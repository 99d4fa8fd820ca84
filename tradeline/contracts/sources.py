"""When a source is landed and whether a night waits for it: what the pipeline has to know of ``sources/NAME.yml``.

The rest of such a file is for ``ingest.sources`` alone.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from yaml import YAMLError

from tradeline.checked import yaml_of
from tradeline.settings import Settings

BY_HAND = "by hand"
# A source's name is part of file names and of a DAG's.
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def known_schedule(text: str) -> str:
    """The text itself, if it is one of cron or "by hand".

    Raises:
        ValueError: it is neither.
    """
    from croniter import croniter

    if text != BY_HAND and not croniter.is_valid(text):
        raise ValueError(f"{text!r} is neither cron (minute hour day month weekday, as in 30 1 * * *) nor {BY_HAND!r}")
    return text


class SourceSchedule(BaseModel):
    """When a source is landed.

    ``schedule``: cron in the business time zone, or "by hand". ``on_asset``: the URI of an Airflow asset whose events
    land it instead. ``wait_for_files``: once it is due, wait until there is a file that was not read. ``is_required``:
    whether a night waits for it until the deadline.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    schedule: Annotated[str, AfterValidator(known_schedule)] = "0 1 * * *"
    on_asset: str | None = None
    wait_for_files: bool = False
    is_required: bool = True


def source_names(settings: Settings) -> list[str]:
    """The sources of the deployment, by the names of their files."""
    return sorted(path.stem for path in settings.sources.glob("*.yml"))


def schedule_of(settings: Settings, name: str) -> SourceSchedule:
    """When a source is landed; by default where its file cannot be read, which landing it will say."""
    try:
        return SourceSchedule.model_validate(yaml_of(settings.sources / f"{name}.yml"))
    except (OSError, UnicodeDecodeError, ValidationError, YAMLError):
        return SourceSchedule()
