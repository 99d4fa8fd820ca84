"""A night's offers reach a real database by the DAG, with the password of an Airflow connection."""

import json

import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

from pipeline.walks import walk
from serving.query import query
from tests.markets import Market
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def test_the_dag_delivers_and_a_target_that_fails_fails_it_alone(
    local_airflow: None, home: Settings, market: Market, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "postgres", "login": "postgres", "password": "hidden1"}
    monkeypatch.setenv("AIRFLOW_CONN_APPS_DB", json.dumps(connection))
    url = make_url(postgres_url).set(username=None).render_as_string()
    describe(home, "apps", kind="postgres", url=url, connection="apps_db", tables=["loan_eligibility"])
    describe(home, "lake", kind="files", url="relative")
    night = market.night(9)
    with pytest.raises(TradelineError, match=r"target lake: (.|\n)*apps: as of"):
        walk(home, "loan_eligibility", {"as_of": night.isoformat()})
    columns = "seller_id, as_of, is_eligible, pd, limit_amount, reason_codes, run_id"
    with psycopg.connect(postgres_url) as reader:
        found = reader.execute(f"select {columns} from tradeline.loan_eligibility order by seller_id").fetchall()
    assert found == query(home, f"select {columns} from loan_eligibility order by seller_id").rows and len(found) == 60
    assert {as_of for _, as_of, *_ in found} == {night}


def describe(home: Settings, name: str, **fields: object) -> None:
    """Write a target's file."""
    home.targets.mkdir(exist_ok=True)
    (home.targets / f"{name}.yml").write_text(yaml.safe_dump(fields))
