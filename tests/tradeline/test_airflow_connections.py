"""Credentials out of a real Airflow's connections: one in its database, as the web UI keeps it, one in a variable."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from cli.airflow.connections import use_connections
from cli.airflow.home import DATABASE
from tests.local_airflow import use_local_airflow
from tradeline.credentials import password_of, url_of
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

URL = "postgresql://tradeline@db.example.com:5433/shop"
SECRET, ENCODED = "p@ss/w%rd: #1", "p%40ss%2Fw%25rd%3A%20%231"
CONNECTION: dict[str, Any] = {
    "conn_type": "postgres",
    "login": "anna",
    "password": SECRET,
    "host": "db",
    "schema": "shop",
}


@pytest.fixture(scope="module", autouse=True)
def _connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = dict(os.environ)
    use_local_airflow(tmp_path_factory)
    from airflow.models import Connection
    from airflow.utils.session import create_session

    with create_session() as session:
        session.add(Connection(conn_id="kept", **CONNECTION))
    home = tmp_path_factory.getbasetemp() / "airflow"  # whose Airflow an earlier test of this process may have made
    (home / "airflow").mkdir(parents=True, exist_ok=True)
    (home / "airflow" / DATABASE).touch()
    use_connections(Settings(home=home))
    os.environ["AIRFLOW_CONN_GIVEN"] = json.dumps(CONNECTION)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("connection", ["kept", "given"])
def test_a_connection_has_what_the_url_leaves_out(settings: Settings, connection: str) -> None:
    assert url_of(settings, "shop", None, connection) == f"postgresql://anna:{ENCODED}@db/shop"
    assert url_of(settings, "shop", URL, connection) == URL.replace("@", f":{ENCODED}@")
    assert password_of(settings, "shop", connection) == SECRET


def test_a_connection_that_there_is_not_is_named(settings: Settings) -> None:
    with pytest.raises(BadInput, match=r"shop: .* no Airflow connection 'nowhere'(.|\n)* TRADELINE_PASSWORD_SHOP"):
        url_of(settings, "shop", URL, "nowhere")
