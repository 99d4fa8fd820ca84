"""A command reads the connections that are kept in Airflow's web UI, as the home's tasks do."""

import os
import sys

from cli.airflow.home import DATABASE
from tradeline.settings import Settings


def use_connections(settings: Settings) -> None:
    """Let this process find the connections of the home's Airflow, if it has been up once."""
    if not (settings.airflow / DATABASE).exists():
        return
    if "airflow" not in sys.modules:  # which reads its configuration once
        os.environ["AIRFLOW_HOME"] = str(settings.airflow)
    # Outside of a task, Airflow lets only its own services look into the database.
    os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"
