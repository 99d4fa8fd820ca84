"""One Airflow for all tests that read DAGs or connections in this process, in a folder that only this process uses."""

import os
import sys

import pytest

from cli.airflow.home import is_migrated, prepare, remember_migration
from tradeline.settings import Settings
from tradeline.surroundings import without_effect


def use_local_airflow(factory: pytest.TempPathFactory) -> None:
    """Airflow reads its configuration once in a process, so whoever comes first decides where its database is."""
    settings = Settings(home=factory.getbasetemp() / "airflow")
    folder = settings.airflow / "local"
    variables = prepare(settings, folder, settings.airflow_port)
    if "airflow" in sys.modules:
        del variables["AIRFLOW_HOME"]
    else:
        for name in without_effect(os.environ):
            del os.environ[name]
    os.environ.update(variables)
    if "AIRFLOW_HOME" in variables and not is_migrated(folder):
        from airflow.utils import db

        db.initdb()
        remember_migration(folder)
