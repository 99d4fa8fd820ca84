"""One Airflow database for all tests that run DAGs in this process, in a folder that only this process uses."""

import pytest

from cli.airflow.local_run import use_local_airflow as use
from tradeline.settings import Settings


def use_local_airflow(factory: pytest.TempPathFactory) -> None:
    """Airflow reads its configuration once in a process, so whoever comes first decides where its database is."""
    use(Settings(home=factory.getbasetemp() / "airflow"))
