"""What a file of ``targets/`` may say; docs/targets.md has it in words."""

import re
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from tradeline.checked import Frozen, read_own_yaml
from tradeline.errors import BadInput
from tradeline.settings import Settings

Table = Literal["seller_features", "credit_scores", "loan_eligibility", "seller_credit_record", "adverse_actions"]
# A role or user of a database: no sign that would end its name in SQL.
Role = Annotated[str, Field(pattern=r"^[^\"'`\\\x00-\x1f]+$")]
DATABASES = ("postgres", "mysql")
# What a name may be: also the end of a variable's name.
NAME = re.compile("[a-z][a-z0-9_]*")


class Target(Frozen):
    """A file of ``targets/``; its name is the file's.

    ``url``: where it is, without a password. ``connection``: the Airflow connection that has what ``url`` leaves out.
    ``schema``: of PostgreSQL, made where it is not there. ``grants``: roles that may read. ``history``: every night
    that readers see, else the latest alone; of a webhook, whether nights from before it was set up are posted too.
    ``format``: how files are written.
    """

    kind: Literal["postgres", "mysql", "files", "webhook"]
    url: str | None = None
    connection: str | None = None
    schema_: str = Field("tradeline", alias="schema", pattern="^[A-Za-z_][A-Za-z0-9_]{0,62}$")
    grants: tuple[Role, ...] = ()
    tables: tuple[Table, ...] = Field(get_args(Table), min_length=1)
    history: bool = Field(default_factory=lambda given: given.get("kind") != "webhook")
    format: Literal["parquet", "csv"] = "parquet"

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Target":
        only_for = {
            "schema": ("postgres",),
            "grants": DATABASES,
            "tables": (*DATABASES, "files"),
            "format": ("files",),
            "connection": (*DATABASES, "webhook"),
        }
        given = {name.removesuffix("_") for name in self.model_fields_set}
        for name, kinds in only_for.items():
            if name in given and self.kind not in kinds:
                raise ValueError(f"{name} is for {' and '.join(kinds)} alone: take it out")
        if not self.url and not (self.connection and self.kind in DATABASES):
            raise ValueError("there is no url: say where the target is" + self._or_connection)
        if self.kind == "webhook" and not (self.url or "").startswith(("http://", "https://")):
            raise ValueError("the url of a webhook begins with https:// or http://")
        return self

    @property
    def _or_connection(self) -> str:
        return ", or name an Airflow connection" if self.kind in DATABASES else ""


def target_names(settings: Settings) -> list[str]:
    """The targets of the deployment, in alphabetical order."""
    return sorted(path.stem for path in settings.targets.glob("*.yml"))


def check_known(settings: Settings, name: str) -> None:
    """Make sure that there is a target of that name.

    Raises:
        BadInput: there is none.
    """
    if name not in (names := target_names(settings)):
        there = ", ".join(names) or "none"
        path = target_file(settings, name)
        raise BadInput(f"there is no target {name!r} (there are: {there}): write {path}, as docs/targets.md says")


def read_target(settings: Settings, name: str) -> Target:
    """The target of that name.

    Raises:
        BadInput: there is none, or its file or the file's name is wrong; the message names the lines.
    """
    check_known(settings, name)
    path = target_file(settings, name)
    if not NAME.fullmatch(name):
        raise BadInput(
            f"{path}: a target's name has small letters, digits and _ alone, and begins with a letter: rename the file"
        )
    return read_own_yaml(path, Target)


def target_file(settings: Settings, name: str) -> Path:
    """Where the target is described."""
    return settings.targets / f"{name}.yml"
