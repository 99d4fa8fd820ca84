"""The deployment's ``AIRFLOW_HOME`` folder: its configuration, secrets and users, made once and kept."""

import base64
import configparser
import io
import json
import logging
import secrets
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from tradeline.checked import read_json
from tradeline.errors import Damaged
from tradeline.files import write_whole
from tradeline.settings import PROJECT, Settings

ADMIN, VIEWER = "admin", "viewer"
KEYS, PASSWORDS, DATABASE = "keys.json", "passwords.json", "airflow.db"
MADE_ANEW = {
    KEYS: "Log in again, and enter Airflow's connections and encrypted variables again, if there were any",
    PASSWORDS: "The new passwords are in it, and `tradeline up` says them",
}

log = logging.getLogger(__name__)


def prepare(settings: Settings, folder: Path, port: int) -> dict[str, str]:
    """Make the folder ready for an Airflow on ``port`` of this machine; the environment variables that it needs."""
    folder.mkdir(parents=True, exist_ok=True)
    passwords(folder)
    _write_configuration(settings, folder, port)
    # Passwords stay where they are, in variables of this process or in settings.env.
    told = settings.model_fields_set - {"password"}
    given = settings.model_dump(include=told, exclude_none=True) | {"home": settings.home.resolve()}
    return {
        "AIRFLOW_HOME": str(folder),
        **{f"TRADELINE_{name.upper()}": str(value) for name, value in given.items()},
    }


def passwords(folder: Path) -> dict[str, str]:
    """User names and their passwords, generated once; only the owner of the home may read the file."""
    return _kept(folder / PASSWORDS, {user: secrets.token_urlsafe(12) for user in (ADMIN, VIEWER)})


def is_migrated(folder: Path) -> bool:
    """Whether the folder's database was made by the Airflow that is installed."""
    path = folder / "migrated"
    return path.exists() and path.read_bytes() == version("apache-airflow-core").encode()


def remember_migration(folder: Path) -> None:
    """The folder's database is up to date."""
    write_whole(folder / "migrated", version("apache-airflow-core"))


def let_many_read(folder: Path) -> None:
    """Have SQLite write ahead (https://sqlite.org/wal.html), so that who reads the database locks out nobody."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.execute("pragma journal_mode = wal")


def _write_configuration(settings: Settings, folder: Path, port: int) -> None:
    keys = _kept(folder / KEYS, _new_keys())
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
            "simple_auth_manager_passwords_file": folder / PASSWORDS,
            "fernet_key": keys["fernet_key"],
            "execution_api_server_url": f"{address}/execution/",
        },
        # On a busy machine, whoever finds the database locked waits; SQLite's 5 s are too few.
        "database": {"sql_alchemy_conn": f"sqlite:///{folder / DATABASE}?timeout=60"},
        "api": {"base_url": address, "host": "127.0.0.1", "port": port, "workers": 1, "secret_key": keys["secret_key"]},
        "api_auth": {"jwt_secret": keys["jwt_secret"]},
        "scheduler": {"scheduler_idle_sleep_time": 0.1},
        # Airflow 3.3 notices the end of a task up to this much late; 5 s is its default.
        "workers": {"min_heartbeat_interval": 1},
        "logging": {"base_log_folder": folder / "logs", "logging_level": "INFO", "colored_console_log": False},
        "usage_data_collection": {"enabled": False},
    }
    config = configparser.RawConfigParser()
    # Airflow fills in %(name)s, so a percent sign is written twice.
    for section, options in sections.items():
        config[section] = {name: str(value).replace("%", "%%") for name, value in options.items()}
    content = io.StringIO()
    config.write(content)
    write_whole(folder / "airflow.cfg", content.getvalue(), is_private=True)


def _new_keys() -> dict[str, str]:
    return {
        "secret_key": secrets.token_hex(32),
        "jwt_secret": secrets.token_hex(32),
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def _kept(path: Path, new: dict[str, str]) -> dict[str, str]:
    """What the file keeps, written once; of a damaged one, which is put aside, only what it lacks is made anew."""
    try:
        kept = read_json(path, dict[str, str], "make it anew") or {}
    except Damaged as error:
        kept = {}
        log.warning("%s", error)
    if new.keys() <= kept.keys():
        return kept
    if path.exists():
        path.replace(aside := path.with_name(f"{path.name}.damaged"))
        lacking = ", ".join(sorted(new.keys() - kept.keys()))
        log.warning("%s is made anew (%s); the old one is %s. %s", path, lacking, aside, MADE_ANEW[path.name])
    write_whole(path, json.dumps(new | kept), is_private=True)
    return new | kept
