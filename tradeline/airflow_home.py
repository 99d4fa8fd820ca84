"""An ``AIRFLOW_HOME`` folder: its configuration, secrets and users, made once and kept.

A deployment has two: ``airflow/`` for the services, and ``airflow/local/`` for runs in the process of a command. They
are apart because a scheduler takes over every unfinished run that it finds in its database.
"""

import base64
import configparser
import json
import os
import secrets
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from tradeline.settings import PROJECT, Settings

ADMIN, VIEWER = "admin", "viewer"


def prepare(settings: Settings, folder: Path, port: int, log_level: str = "INFO") -> dict[str, str]:
    """Make the folder ready for an Airflow on ``port`` of this machine; the environment variables that it needs."""
    folder.mkdir(parents=True, exist_ok=True)
    passwords(folder)
    _write_configuration(settings, folder, port, log_level)
    given = settings.model_dump(include=settings.model_fields_set, exclude_none=True) | {
        "home": settings.home.resolve()
    }
    return {
        "AIRFLOW_HOME": str(folder),
        **{f"TRADELINE_{name.upper()}": str(value) for name, value in given.items()},
    }


def passwords(folder: Path) -> dict[str, str]:
    """User names and their passwords, generated once; only the owner of the home may read the file."""
    return _kept(folder / "passwords.json", {user: secrets.token_urlsafe(12) for user in (ADMIN, VIEWER)})


def is_migrated(folder: Path) -> bool:
    """Whether the folder's database was made by the Airflow that is installed."""
    path = folder / "migrated"
    return path.exists() and path.read_text() == version("apache-airflow-core")


def remember_migration(folder: Path) -> None:
    """The folder's database is up to date."""
    (folder / "migrated").write_text(version("apache-airflow-core"))


def _write_configuration(settings: Settings, folder: Path, port: int, log_level: str) -> None:
    keys = _kept(folder / "keys.json", _new_keys())
    address = f"http://localhost:{port}"
    sections: dict[str, dict[str, object]] = {
        "core": {
            "dags_folder": PROJECT / "dags",
            "plugins_folder": PROJECT / "plugins",
            # A day that Airflow's own command line is given, for a backfill say, is a business day.
            "default_timezone": settings.timezone,
            "executor": "LocalExecutor",
            "parallelism": 4,
            "load_examples": False,
            "simple_auth_manager_users": f"{ADMIN}:admin,{VIEWER}:viewer",
            "simple_auth_manager_passwords_file": folder / "passwords.json",
            "fernet_key": keys["fernet_key"],
            "execution_api_server_url": f"{address}/execution/",
        },
        # On a busy machine, whoever finds the database locked waits; SQLite's 5 s are too few.
        "database": {"sql_alchemy_conn": f"sqlite:///{folder / 'airflow.db'}?timeout=60"},
        "api": {"base_url": address, "host": "127.0.0.1", "port": port, "workers": 1, "secret_key": keys["secret_key"]},
        "api_auth": {"jwt_secret": keys["jwt_secret"]},
        "scheduler": {"scheduler_idle_sleep_time": 0.1},
        # Airflow 3.3 notices the end of a task up to this much late; 5 s is its default.
        "workers": {"min_heartbeat_interval": 1},
        "logging": {"base_log_folder": folder / "logs", "logging_level": log_level, "colored_console_log": False},
        "usage_data_collection": {"enabled": False},
    }
    config = configparser.RawConfigParser()
    # Airflow fills in %(name)s, so a percent sign is written twice.
    for section, options in sections.items():
        config[section] = {name: str(value).replace("%", "%%") for name, value in options.items()}
    aside = folder / f".airflow.cfg.{os.getpid()}"
    with _private(aside) as file:
        config.write(file)
    aside.replace(folder / "airflow.cfg")


def _new_keys() -> dict[str, str]:
    return {
        "secret_key": secrets.token_hex(32),
        "jwt_secret": secrets.token_hex(32),
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def _kept(path: Path, new: dict[str, str]) -> dict[str, str]:
    if not path.exists():
        with _private(path) as file:
            json.dump(new, file)
    return dict(json.loads(path.read_text()))


def _private(path: Path) -> TextIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")
