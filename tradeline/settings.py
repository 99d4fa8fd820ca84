"""The settings of a deployment; `surroundings.py` says which variables reach them."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from tradeline import surroundings
from tradeline.business_days import known_zone
from tradeline.errors import Damaged
from tradeline.files import printable

SETTINGS_FILE = "settings.env"
PROJECT = surroundings.PROJECT
NO_VALUE_TEXTS = (
    r"null,none,nil,n/a,na,#n/a,nan,nat,\N,<na>,<null>,(null),[null],undefined,unknown,-,--,?,无,未知,0,-1,"
    "0000-00-00,0000-00-00 00:00:00,00000000-0000-0000-0000-000000000000"
)


MEMORY = re.compile(r"\s*(?=.*[1-9])[0-9]+(\.[0-9]+)?\s*([KMGT](i?B)?|%)\s*", re.ASCII | re.IGNORECASE)


def known_memory(text: str) -> str:
    """The text itself, if it is an amount of memory.

    Raises:
        ValueError: it is none.
    """
    if not MEMORY.fullmatch(text):
        raise ValueError(f"{text!r} is no amount of memory; write a number and a unit, such as 1500MB or 4GiB, or 80%")
    return text


def as_text(value: object) -> object:
    """A number, or yes or no, as Spark's settings write it."""
    return str(value).lower() if isinstance(value, bool | int) else value


def in_utf8(path: Path) -> Path:
    """The path itself, if its bytes are UTF-8, as those of every name that DuckDB opens.

    Raises:
        ValueError: they are not.
    """
    if printable(str(path)) != str(path):
        raise ValueError(f"{printable(str(path))!r} is not UTF-8; give the folder a name that is")
    return path


class Settings(BaseSettings):
    """Settings of one deployment, read once from ``TRADELINE_*`` variables and frozen.

    What a variable does not say is read from ``settings.env`` in the home folder, so that a deployment keeps its
    settings whoever runs it. All state is below ``home``; two homes share nothing.
    """

    # Of a table, the rest of the variable's name is the key.
    model_config = SettingsConfigDict(
        env_prefix="TRADELINE_", env_nested_delimiter="_", env_nested_max_split=1, frozen=True
    )

    home: Annotated[Path, AfterValidator(in_utf8)] = surroundings.home_of({})
    currency: str = Field("CNY", pattern="^[A-Z]{3}$", description="ISO 4217 code of every amount.")
    timezone: Annotated[str, AfterValidator(known_zone)] = Field(
        "UTC", description="Business time zone, an IANA name: what a day is, everywhere. Times are stored in UTC."
    )
    engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="What runs the dbt models; a home is built by one engine."
    )
    spark: dict[str, Annotated[str, BeforeValidator(as_text)]] = Field(
        {}, description='Settings of the Spark session by Spark\'s names, as JSON: {"spark.driver.memory": "4g"}.'
    )
    threads: int = Field(2, ge=1, description="Threads that DuckDB, XGBoost and a Spark on this machine use.")
    memory_limit: Annotated[str, AfterValidator(known_memory)] = Field(
        "1500MB", description="DuckDB's memory limit, in DuckDB's notation."
    )
    set_aside_share_max: float = Field(
        0.02, ge=0, le=1, description="Largest share of a night's rows of a table that may be set aside as soft faults."
    )
    no_value_texts: str = Field(
        NO_VALUE_TEXTS,
        description="Texts that stand for no value, between commas, in whatever case and with blanks around them; "
        "an empty text always does. A number among them counts in optional ids and in times, and is a value elsewhere.",
    )
    jurisdiction: str = Field(
        "none", description="Whose fairness gates hold a promotion, by name in ml/monitoring/fairness.yml."
    )
    lock_timeout_seconds: float = Field(3600, gt=0, description="How long a writer waits for the warehouse.")
    airflow_port: int = Field(8080, ge=1, le=65535)
    alert_webhook: str | None = Field(None, description="URL that gets a JSON POST when a task fails.")
    alert_email: str | None = Field(None, description="Address that gets a mail when a task fails.")
    smtp_host: str = "localhost"
    smtp_port: int = 25
    password: dict[str, SecretStr] = Field(
        {}, description="Passwords of sources and targets by name, each a variable TRADELINE_PASSWORD_<NAME>."
    )
    mlflow_tracking_uri: str | None = Field(
        None,
        validation_alias="mlflow_tracking_uri",  # MLflow's own variable, so without our prefix
        repr=False,
        description="MLflow server, as MLflow's clients know it, to which model versions are logged too.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the home's own file."""
        given = init_settings.init_kwargs if isinstance(init_settings, InitSettingsSource) else {}
        home = Path(given.get("home") or surroundings.home_of(os.environ))
        path = home / SETTINGS_FILE
        try:
            kept = DotEnvSettingsSource(settings_cls, env_file=path)
        except (OSError, UnicodeDecodeError) as error:
            raise Damaged(f"{path} cannot be read ({error}): write it anew, lines of NAME=VALUE in UTF-8") from error
        return init_settings, env_settings, kept

    @property
    def sources(self) -> Path:
        """Where the deployment's own tables are and how they become the raw contract's, ``NAME.yml``."""
        return self.home.resolve() / "sources"

    @property
    def landing(self) -> Path:
        """Raw files, ``<table>/arrived_on=YYYY-MM-DD/*``."""
        return self.home.resolve() / "landing"

    @property
    def quarantine(self) -> Path:
        """Raw files that failed validation, each beside its reasons."""
        return self.home.resolve() / "quarantine"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt builds in."""
        return self.home.resolve() / "warehouse" / "tradeline.duckdb"

    @property
    def spill(self) -> Path:
        """What DuckDB cannot hold in memory, while it works."""
        return self.home.resolve() / "warehouse" / "spill"

    @property
    def models(self) -> Path:
        """Model versions and the champion pointer."""
        return self.home.resolve() / "models"

    @property
    def published(self) -> Path:
        """What readers see: ``marts.duckdb`` and its Parquet history."""
        return self.home.resolve() / "published"

    @property
    def targets(self) -> Path:
        """Where publications go beside ``published``, ``NAME.yml``."""
        return self.home.resolve() / "targets"

    @property
    def reports(self) -> Path:
        """Gate results, Data Docs and other pages for people."""
        return self.home.resolve() / "reports"

    @property
    def airflow(self) -> Path:
        """``AIRFLOW_HOME`` of this deployment."""
        return self.home.resolve() / "airflow"
