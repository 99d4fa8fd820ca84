"""From tables of a real PostgreSQL to offers in it, by a real Airflow: each step follows from the one before."""

from collections.abc import Iterator
from datetime import date, timedelta

import psycopg
import pytest

from cli.airflow.rest import AirflowApi
from cli.airflow.services import running_services
from cli.airflow.watch import wait_for, wait_for_next
from serving.query import query
from tests import databases
from tradeline.business_days import today_in
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

SHOP = """
create table shops as
select 'shop-' || n as id, timestamptz '{first} 08:00+00' as opened from generate_series(1, 12) n;
create table orders as
select
    n as id, 'shop-' || 1 + n % 12 as shop_id, 'buyer-' || n * 7 % 40 as buyer, 'done' as state, 20.50 + n % 9 as total,
    timestamptz '{first} 09:00+00' + n * interval '3 hours' as placed_at,
    timestamptz '{first} 11:00+00' + n * interval '3 hours' as paid_at,
    timestamptz '{first} 12:00+00' + n * interval '3 hours' as changed_at
from generate_series(1, 640) n;
"""
MAPPING = """
kind: postgres
url: {url}
schedule: by hand
read:
  orders: {{table: public.orders, updated_at: changed_at}}
tables:
  sellers:
    query: select id as seller_id, 'business' as seller_type, opened as registered_at from shops
  orders:
    of: orders
    columns:
      order_id: id
      seller_id: shop_id
      buyer_id: buyer
      status: {{of: state, values: {{done: paid}}}}
      ordered_at: placed_at
      paid_at: paid_at
      amount: total
"""
BANK = """
kind: files
url: bank
schedule: by hand
read: {movements: {files: "*.csv", new_files: true}}
tables:
  payments:
    of: movements
    columns: {payment_id: id, seller_id: shop, direction: "'in'", kind: "'sale'", amount: sum, occurred_at: at}
"""


@pytest.fixture(scope="module")
def shop(_postgres: str) -> str:
    url = databases.postgres_database(_postgres)
    with psycopg.connect(url) as connection:
        connection.execute(SHOP.format(first=_last_day() - timedelta(days=85)))
    return url


@pytest.fixture(scope="module")
def deployment(shop: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, AirflowApi]]:
    settings = Settings(home=tmp_path_factory.mktemp("sources") / "home")
    settings.sources.mkdir(parents=True)
    (settings.sources / "shop.yml").write_text(MAPPING.format(url=shop))
    (settings.sources / "bank.yml").write_text(BANK)
    (settings.sources / "bank").mkdir()
    settings.targets.mkdir()
    (settings.targets / "app.yml").write_text(f"kind: postgres\nurl: {shop}\nschema: offers\n")
    with running_services(settings) as api:
        yield settings, api


def _last_day() -> date:
    return today_in("UTC") - timedelta(days=1)


def _run(api: AirflowApi, dag_id: str) -> str:
    run_id = api.trigger(dag_id)
    wait_for(api, dag_id, run_id, 600)
    return run_id


def _ended(api: AirflowApi, dag_id: str, known: set[str]) -> str:
    run_id = wait_for_next(api, dag_id, known)
    wait_for(api, dag_id, run_id)
    return run_id


def test_a_night_is_built_and_published_once_all_sources_have_landed(
    deployment: tuple[Settings, AirflowApi], shop: str
) -> None:
    settings, api = deployment
    night = _last_day()
    clock = _ended(api, "seller_marts", set())  # the deadline of last night has passed when Airflow starts
    assert "nothing has landed" in str(api.run("seller_marts", clock)["note"])
    _run(api, "land_shop")
    waited = _ended(api, "seller_marts", {clock})
    assert "waits for bank (landed through no night)" in str(api.run("seller_marts", waited)["note"])
    assert not api.runs("loan_eligibility")

    (settings.sources / "bank" / "1.csv").write_text(f"id,shop,sum,at\n1,shop-3,5.50,{night} 10:00:00\n")
    _run(api, "land_bank")
    built = _ended(api, "seller_marts", {clock, waited})
    assert api.run("seller_marts", built)["run_type"] == "asset_triggered"
    _ended(api, "loan_eligibility", set())
    found = query(settings, "select as_of, count(*) from loan_eligibility group by 1").rows
    assert found == [(night, 12)]
    with psycopg.connect(shop) as connection:
        assert connection.execute("select as_of, count(*) from offers.loan_eligibility group by 1").fetchall() == found
    ((orders, paid),) = query(
        settings,
        "select sum(orders_90d), sum(case when seller_id = 'shop-3' then inflow_amount_30d end) from seller_features",
    ).rows
    assert (orders, float(paid)) == (640, 5.5)


def test_landing_again_changes_nothing_and_builds_nothing(deployment: tuple[Settings, AirflowApi]) -> None:
    settings, api = deployment
    before = {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*.parquet")}
    known = {str(run["dag_run_id"]) for run in api.runs("seller_marts")}
    _run(api, "land_shop")
    again = _ended(api, "seller_marts", known)
    assert "is built, and nothing new has landed" in str(api.run("seller_marts", again)["note"])
    assert before == {path: path.stat().st_mtime_ns for path in settings.landing.rglob("*.parquet")}
