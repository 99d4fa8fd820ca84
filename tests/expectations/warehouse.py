"""A small warehouse and an admission file as the gates find them: real DuckDB files with the marts' own columns."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest.raw_schema import create_admission_schema, ensure_raw_schema
from tradeline.contracts.publications import CREATE_PUBLICATIONS, marts_file
from tradeline.files import content_hash
from tradeline.settings import PROJECT, Settings

AS_OF = date(2018, 8, 31)
SELLERS = 200

MARTS = ("seller_features", "credit_scores", "loan_eligibility")  # what make_warehouse makes
# What is told to who is declined, and to every second seller with an offer, whose limit could be 1,000 higher.
ADVERSE_ACTIONS = """
    create or replace table marts.adverse_actions as
    select seller_id, as_of, 1 as position, 'PD_TOO_HIGH' as reason_code, 'It is too high.' as sentence,
        'Lower it.' as advice, 'owed' as basis, null::varchar as feature, null::double as seller_value,
        null::double as typical_value, null::double as threshold, model_version, run_id
    from marts.loan_eligibility join intermediate.decision_terms using (seller_id, as_of)
    where not is_eligible or limit_amount < full_limit_amount
"""
# What a unit of the catalogue looks like for seller i; longer windows hold more.
VALUES = {
    "amount": "{days} * 10.25 * (1 + i % 7)",
    "count": "{days} * (1 + i % 5)",
    "days": "{days} + i % 3",
    "ratio": "i % 10 / 5.0 - 0.5",
    "share": "i % 10 / 20.0",
    "rate": "i % 10 / 20.0",
    "stars": "1 + i % 4",
    "category": "'business'",
    "flag": "true",
}


def feature_columns() -> list[str]:
    """The columns of seller_features as SQL over ``i``, from dbt's own list."""
    path = PROJECT / "dbt_project/models/marts/seller_features.yml"
    columns = yaml.safe_load(path.read_text())["models"][0]["columns"][2:]
    return [f"({_value(column)})::{column['data_type']} as {column['name']}" for column in columns]


def _value(column: dict[str, Any]) -> str:
    last = column["name"].rpartition("_")[2]
    days = last.removesuffix("d") if last[:-1].isdigit() else "1000" if last == "ever" else "30"
    return VALUES[column["config"]["meta"]["unit"]].format(days=days)


def make_warehouse(path: Path, sellers: int = SELLERS, as_of: date = AS_OF) -> None:
    """Sellers known since the year began; one night of marts that meets every expectation."""
    with duckdb.connect(path) as connection:
        ensure_raw_schema(connection)
        fill_sellers(connection, sellers, as_of - timedelta(days=200))
        connection.execute("create schema marts; create schema policy; create schema intermediate")
        connection.execute("create table policy.reason_codes as select unnest(['NO_SCORE', 'PD_TOO_HIGH']) as code")
        connection.execute(
            "create table policy.policy_parameters as select 'limit_max_amount' as parameter, 1000000::double as value"
        )
        everyone = f"from range({sellers}) as r(i)"
        key = f"'seller-' || i as seller_id, date '{as_of}' as as_of"
        connection.execute(
            f"create table marts.seller_features as select {key}, {', '.join(feature_columns())} {everyone}"
        )
        connection.execute(
            f"""
            create table marts.credit_scores as
            select {key}, (i + 1) / ({sellers} + 1.0)::double as pd, 950 - (600 * i / {sellers})::integer as score,
                ['SALES_FALLING'] as reasons,
                [{{'reason_code': 'SALES_FALLING', 'feature': 'sales_growth_90d', 'seller_value': -0.5,
                    'typical_value': 0.1}}] as reason_details,
                'model-1' as model_version {everyone}
            """
        )
        connection.execute(
            """
            create table marts.loan_eligibility as
            select seller_id, as_of, pd < 0.1 as is_eligible, pd, score,
                if(pd < 0.1, 5000, 0)::decimal(18, 2) as limit_amount, if(pd < 0.1, 0.18, null)::double as annual_rate,
                if(pd < 0.1, 90, null)::integer as term_days, if(pd < 0.1, 3, null)::integer as installments,
                if(pd < 0.1, 5000 * pd * 0.65, 0)::decimal(18, 2) as expected_loss_amount,
                if(pd < 0.1, [], ['PD_TOO_HIGH'])::varchar[] as reason_codes,
                model_version, 'policy-1' as policy_version, 'run-1' as run_id
            from marts.credit_scores
            """
        )
        full = "5000.00 + 1000 * (i % 2) as full_limit_amount"
        connection.execute(f"create table intermediate.decision_terms as select {key}, {full} {everyone}")
        connection.execute(ADVERSE_ACTIONS)


def make_raw(path: Path, first: date, nights: int, orders: int = 100, *, is_admission: bool = True) -> None:
    """``nights`` nights of raw orders and sale payments with amounts of 10 to 109, nothing set aside."""
    with duckdb.connect(path) as connection:
        (create_admission_schema if is_admission else ensure_raw_schema)(connection)
        if is_admission:
            last = first + timedelta(days=nights - 1)
            connection.execute("insert into raw.admission values (?, ?, 'run-1')", [first, last])
        fill_sellers(connection, 10, first)
        connection.execute(
            f"""
            insert into raw.nights
            select date '{first}' + n::integer, 'f', 's', 'd', now()::timestamp, null from range({nights}) as r(n)
            """
        )
        for table, names in (("orders", ORDER), ("payments", PAYMENT)):
            connection.execute(
                f"""
                insert into raw.{table} by name
                select {names}, (10 + i % 100)::decimal(18, 2) as amount, 'seller-' || i % 10 as seller_id,
                    arrived_on, 'part.parquet' as source_file
                from raw.nights, range({orders}) as r(i)
                """
            )
            connection.execute(f"insert into raw.arrivals select arrived_on, '{table}', 1, {orders}, 0 from raw.nights")


ORDER = (
    "'o' || i as order_id, 'b' || i % 9 as buyer_id, 'paid' as status, arrived_on::timestamp as ordered_at, "
    "arrived_on::timestamp as paid_at"
)
PAYMENT = "'p' || i as payment_id, 'in' as direction, 'sale' as kind, arrived_on::timestamp as occurred_at"


def fill_sellers(connection: duckdb.DuckDBPyConnection, sellers: int, known_on: date) -> None:
    """Raw sellers that arrived on ``known_on``."""
    connection.execute(
        f"""
        insert into raw.sellers by name
        select 'seller-' || i as seller_id, 'business' as seller_type, timestamp '2017-01-01' as registered_at,
            date '{known_on}' as arrived_on, 'sellers.parquet' as source_file
        from range({sellers}) as r(i)
        """
    )


def change(path: Path, *statements: str) -> None:
    """Break something in a DuckDB file."""
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)


def publish_from(settings: Settings, source: Path, as_of: date, run_id: str, *, is_current: bool = True) -> None:
    """Publish the marts of AS_OF in ``source`` as those of ``as_of``, as serving keeps them."""
    settings.published.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(marts_file(settings)) as connection:
        connection.execute(CREATE_PUBLICATIONS.replace("create table", "create table if not exists"))
        connection.execute(f"attach '{source}' as source (read_only)")
        for table in MARTS:
            path = f"{table}/as_of={as_of}/{run_id}.parquet"
            (settings.published / path).parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select * replace (date '{as_of}' as as_of) from source.marts.{table} where as_of = '{AS_OF}') "
                f"to '{settings.published / path}' (format parquet)"
            )
            connection.execute(
                "insert into publications values "
                "(?, ?, 'm', 'p', 'c', 'f', now()::timestamp, ?, [], ?, 1, ?, ?, null, null, null)",
                [as_of, run_id, is_current, table, path, content_hash(settings.published / path)],
            )
