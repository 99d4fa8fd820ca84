"""A warehouse as dbt leaves it before publication: the contract's columns, made-up values."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from ingest.raw_schema import ensure_raw_schema
from serving.marts import replace_marts
from tradeline.checked import yaml_of
from tradeline.contracts.policy import policy_version
from tradeline.contracts.publications import Publication, read_publications
from tradeline.settings import PROJECT, Settings

MODELS = PROJECT / "dbt_project" / "models"
CONTRACTS = {
    "seller_features": MODELS / "marts" / "seller_features.yml",
    "credit_scores": MODELS / "marts" / "credit_scores.yml",
    "loan_eligibility": MODELS / "decisions" / "loan_eligibility.yml",
    "seller_credit_record": MODELS / "decisions" / "seller_credit_record.yml",
    "adverse_actions": MODELS / "decisions" / "adverse_actions.yml",
}
SAMPLES = {
    "varchar": "'v' || seller % 7",
    "varchar[]": "case when seller % 2 = 0 then ['MODEL_SALES_VOLUME', 'MODEL_REFUNDS'] else [] end",
    "struct(reason_code varchar, feature varchar, seller_value double, typical_value double)[]": "[]",
    "boolean": "seller % 2 = 0",
    "date": "date '2018-01-01' + (seller % 90)::integer",
    "double": "case when seller % 10 = 0 then null else hash(seller) / 18446744073709551616.0 end",
}
NUMBER = "seller % 1000"
LOANS = """
[{
    'loan_id': 'loan-' || seller, 'status': 'disbursed', 'applied_on': date '2018-06-01',
    'disbursed_on': date '2018-06-02', 'principal_amount': 100.00, 'term_days': 60, 'annual_rate': 0.18,
    'installments': [
        {'installment_no': 1, 'due_on': date '2018-07-02', 'amount_due': 51.50, 'amount_paid': 51.50,
            'paid_on': date '2018-07-05', 'days_past_due': 3},
        {'installment_no': 2, 'due_on': date '2018-08-01', 'amount_due': 51.50, 'amount_paid': 0.00,
            'paid_on': null, 'days_past_due': 30}
    ]
}]
"""
# Values with which some sellers get an offer, and everyone has a loan.
SOUND = {
    "seller_status": "'active'",
    "average_rating_90d": "case when seller % 5 > 0 then 1 + seller % 5 end",
    "sales_amount_90d": "seller * 100",
    "days_since_last_sale": "seller % 40",
    "landed_nights_365d": "365",
    "current_days_past_due": "0",
    "loans_written_off": "0",
    "owner_current_days_past_due": "0",
    "owner_loans_written_off": "0",
    "outstanding_amount": "0",
    "pd": "seller % 100 / 100.0",
    "annual_rate": "0.18",
    "term_days": "90",
    "installments": "3",
    "loans": LOANS,
}


def build_night(
    settings: Settings, as_of: date, run_id: str, *, sellers: int = 20, mark: int = 1, model_version: str | None = "m1"
) -> None:
    """Put a decided night into the warehouse; every table carries ``mark``, so that a mixture of runs would show."""
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    given = SOUND | {
        "seller_id": "printf('seller-%07d', seller)",
        "as_of": f"date '{as_of}'",
        "run_id": f"'{run_id}'",
        "policy_version": f"'{policy_version(settings)}'",
        "model_version": f"'{model_version}'" if model_version else "null",
        "sales_amount_7d": str(mark),
        "score": str(mark),
        "limit_amount": str(mark),
        "position": "1",
        "seller_value": str(mark),
        "is_eligible": "true",
    }
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema if not exists marts")
        ensure_raw_schema(connection)
        connection.execute(
            "insert or replace into raw.nights values (?, ?, '', '', now()::timestamp, now()::timestamp)",
            [as_of, f"fingerprint of {as_of}"],
        )
        for table, contract in CONTRACTS.items():
            count = 0 if table == "credit_scores" and model_version is None else sellers
            replaced = f"as_of = '{as_of}'" + (f" and run_id = '{run_id}'" if table == "seller_credit_record" else "")
            _replace_rows(connection, table, _columns(contract, table), given, replaced, count)


def _columns(contract: Path, table: str) -> dict[str, str]:
    (model,) = [model for model in yaml_of(contract)["models"] if model["name"] == table]
    return {column["name"]: column["data_type"] for column in model["columns"]}


def _replace_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    given: dict[str, str],
    replaced: str,
    sellers: int,
) -> None:
    definitions = ", ".join(f"{name} {data_type}" for name, data_type in columns.items())
    connection.execute(f"create table if not exists marts.{table} ({definitions})")
    connection.execute(f"delete from marts.{table} where {replaced}")
    values = ", ".join(given.get(name, SAMPLES.get(data_type, NUMBER)) for name, data_type in columns.items())
    connection.execute(f"insert into marts.{table} select {values} from range({sellers}) as sellers(seller)")


def remark(settings: Settings, as_of: date, run_id: str, mark: int) -> None:
    """Let the only night in the warehouse be another, decided by another run, in every table."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(
            f"""
            update marts.seller_features set as_of = date '{as_of}', sales_amount_7d = {mark};
            update marts.credit_scores set as_of = date '{as_of}', score = {mark};
            update marts.loan_eligibility set
                as_of = date '{as_of}', score = {mark}, limit_amount = {mark}, run_id = '{run_id}';
            update marts.seller_credit_record set as_of = date '{as_of}', score = {mark}, run_id = '{run_id}';
            update marts.adverse_actions set as_of = date '{as_of}', seller_value = {mark}, run_id = '{run_id}';
            """
        )


def forget(settings: Settings, table: str) -> None:
    """Leave what is published as it was made before there was the table."""

    def without(found: Publication) -> Publication:
        return replace(found, tables=tuple(kept for kept in found.tables if kept.table_name != table))

    (settings.published / ".aside").mkdir()
    for path in (settings.published / table).rglob("*.parquet"):
        path.unlink()
    replace_marts(settings, [without(found) for found in read_publications(settings)])
