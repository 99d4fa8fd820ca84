"""One Airflow for all tests that read DAGs or connections in this process, in a folder that only this process uses."""

import os
import sys
from pathlib import Path

import pytest

from cli.airflow.home import is_migrated, prepare, remember_migration
from tradeline.settings import Settings
from tradeline.surroundings import without_effect


def use_local_airflow(factory: pytest.TempPathFactory) -> None:
    """Airflow reads its configuration once in a process, so whoever comes first decides where its database is.

    No test file may import Airflow at its top: its database would be in the user's home.
    """
    settings = Settings(home=factory.getbasetemp() / "airflow")
    folder = settings.airflow / "local"
    variables = prepare(settings, folder, settings.airflow_port)
    if "airflow" in sys.modules:
        from airflow.configuration import AIRFLOW_HOME

        assert Path(AIRFLOW_HOME) == folder, f"Airflow was imported before, with its home in {AIRFLOW_HOME}"
        del variables["AIRFLOW_HOME"]
    else:
        for name in without_effect(os.environ):
            del os.environ[name]
    os.environ.update(variables)
    if "AIRFLOW_HOME" in variables and not is_migrated(folder):
        from airflow.utils import db

        db.initdb()
        remember_migration(folder)
