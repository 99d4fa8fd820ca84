"""What a deployment changes in one place reaches everything that follows from it: a window, the policy's thresholds."""

import csv
import re
import shutil
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import duckdb
import pytest

import tradeline.dbt
from cli.screens.published import show_offers
from serving.publish import publish
from serving.query import query
from serving.record import read_record
from serving.record_page import write_record_page
from serving.record_words import standing
from tests.dbt_project.random_market import Version, write_raw
from tests.serving.built import build_night
from tradeline.dbt import build, run_dbt
from tradeline.kept_manifest import DBT_PROJECT
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2025, 6, 30)
# By reason the threshold in force, another one, and features of a seller that breaks the rule either way.
RULES = {
    "SELLER_NOT_ACTIVE": ("0", "0.5", {"seller_status": "'closed'"}),
    "LOAN_WRITTEN_OFF": ("0", "1", {"loans_written_off": "3", "owner_loans_written_off": "3"}),
    "PAST_DUE": ("0", "4", {"current_days_past_due": "11", "owner_current_days_past_due": "11"}),
    "OWNER_LOAN_WRITTEN_OFF": ("0", "1", {"owner_loans_written_off": "3"}),
    "OWNER_PAST_DUE": ("0", "5", {"owner_current_days_past_due": "11"}),
    "HISTORY_TOO_SHORT": ("60", "47", {"landed_nights_365d": "12"}),
    "TENURE_TOO_SHORT": ("90", "73", {"tenure_days": "13"}),
    "DORMANT": ("30", "21", {"days_since_last_sale": "44"}),
    "NO_RECENT_INCOME": ("35", "23", {"days_since_last_sale": "44", "has_orders": "false"}),
    "ORDERS_TOO_FEW": ("6", "9", {"orders_90d": "2"}),
    "INCOME_TOO_RARE": ("3", "4", {"orders_90d": "2", "has_orders": "false"}),
    "CANCELLATIONS_TOO_MANY": ("0.25", "0.15", {"cancellation_rate_90d": "0.71"}),
    "DELIVERIES_TOO_LATE": ("0.5", "0.35", {"late_delivery_rate_90d": "0.72"}),
    "REFUNDS_TOO_MANY": ("0.3", "0.45", {"refund_rate_90d": "0.73"}),
    "RATING_TOO_LOW": ("2.5", "3.25", {"average_rating_90d": "1.75"}),
    "ONE_BUYER": ("0.8", "0.65", {"top_buyer_share_90d": "0.94"}),
}
SOUND = {
    "landed_nights_365d": "365", "tenure_days": "400", "days_since_last_sale": "1", "orders_90d": "50",
    "cancellation_rate_90d": "0.01", "late_delivery_rate_90d": "0.01", "refund_rate_90d": "0.01",
    "average_rating_90d": "4.9", "top_buyer_share_90d": "0.11", "sales_amount_90d": "9000",
    "has_orders": "true", "has_loans": "false", "loans_taken": "null",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of dbt's project, in use and free to be changed."""
    copy = shutil.copytree(DBT_PROJECT, tmp_path / "dbt_project")
    for module in ("tradeline.engines.invoke", "tradeline.kept_manifest"):
        monkeypatch.setattr(f"{module}.DBT_PROJECT", copy)
    monkeypatch.setattr(tradeline.dbt, "manifests_folder", lambda settings: tmp_path / "manifests")
    return copy


def replaced(path: Path, old: str, new: str) -> None:
    content = path.read_text()
    assert content.count(old) == 1, f"{old!r} is {content.count(old)} times in {path}"
    path.write_text(content.replace(old, new))


def test_a_window_of_14_days_is_one_line_and_its_description(settings: Settings, project: Path) -> None:
    for feature in ("sales_amount", "orders"):
        replaced(project / "dbt_project.yml", f"\n    {feature}: [7, 30,", f"\n    {feature}: [7, 14, 30,")
    replaced(
        project / "models" / "marts" / "seller_features.yml",
        "      - name: sales_amount_7d\n",
        """
      - name: sales_amount_14d
        data_type: decimal(18, 2)
        description: Paid sales of the 14 days up to as_of.
        config: {meta: {family: sales, unit: amount, expected_sign: "-", is_model_input: false}}
      - name: orders_14d
        data_type: bigint
        description: Paid orders of the 14 days up to as_of.
        config: {meta: {family: sales, unit: count, expected_sign: "-", is_model_input: false}}
      - name: sales_amount_7d
""",
    )
    sales = {0: 1, 6: 2, 7: 4, 13: 8, 14: 16, 29: 32}  # by age in days; each sum of some of them is another
    seller = {"seller_id": "s", "seller_type": "business", "registered_at": datetime.combine(NIGHT, time())}
    orders = [
        {"order_id": str(age), "seller_id": "s", "buyer_id": "b", "status": "paid", "amount": Decimal(amount)}
        | dict.fromkeys(("ordered_at", "paid_at"), datetime.combine(NIGHT - timedelta(days=age), time(12)))
        for age, amount in sales.items()
    ]
    write_raw(settings, [Version("sellers", NIGHT, seller), *(Version("orders", NIGHT, order) for order in orders)])
    nights = {"arrived_from": NIGHT.isoformat(), "arrived_to": NIGHT.isoformat(), "as_ofs": [NIGHT.isoformat()]}
    build(settings, "night", "seller_marts", nights)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        windows = ", ".join(f"sales_amount_{days}d::int, orders_{days}d" for days in (7, 14, 30, 90))
        found = connection.execute(f"select {windows} from marts.seller_features").fetchall()
    assert found == [(1 + 2, 2, 1 + 2 + 4 + 8, 4, 63, 6, 63, 6)]


def test_a_partial_may_end_in_a_comment(settings: Settings, project: Path) -> None:
    model = project / "models" / "intermediate" / "int_refund_days.sql"
    model.write_text(model.read_text() + "-- that is all\n")
    write_raw(settings, [])
    nights = {"arrived_from": NIGHT.isoformat(), "arrived_to": NIGHT.isoformat()}
    report = run_dbt(settings, "night", ["run", "--select", "+int_refund_days"], nights)
    assert {node.status for node in report.nodes} == {"success"}


def test_a_changed_threshold_changes_every_text_that_a_seller_reads(
    settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Published reasons, the record's words and page, and what a run prints: all have the new number, none the old."""
    change_thresholds(project / "seeds" / "policy_knockouts.csv")
    monkeypatch.setattr("serving.versions.SEEDS", project / "seeds")
    sellers = decide_and_publish(settings, project / "seeds")
    words = dict(query(settings, "select code, sentence || ' ' || advice from reason_codes").rows)
    for code, (old, new, _) in RULES.items():
        record = read_record(settings, sellers[code])
        [(told_code, sentence, evidence)] = query(
            settings,
            f"select reason_code, sentence, evidence from adverse_actions where seller_id = '{sellers[code]}'",
        ).rows
        assert told_code == code
        write_record_page(record, settings.home / "page.html")
        offer = dict(standing(record))["offer"]
        assert sentence in offer and sentence in unescape((settings.home / "page.html").read_text())
        texts = [sentence, evidence or "", words[code], offer.partition("\n")[2]]
        for text in texts:
            assert not re.search(written(old), text), f"{code} still says {old}: {text}"
        if code != "SELLER_NOT_ACTIVE":  # a flag, whose sentence says it all
            assert re.search(written(new), f"{sentence} {evidence}"), f"{code} does not say {new}: {texts}"
    show_offers(settings, NIGHT)
    printed = " ".join(capsys.readouterr().out.split())
    [code] = [code for code, seller in sellers.items() if f"Declined: seller {seller}" in printed]
    assert words[code] in printed and not re.search(written(RULES[code][0]), printed.partition("Declined")[2])


def change_thresholds(path: Path) -> None:
    with path.open(newline="") as file:
        rules = list(csv.DictReader(file))
    assert {rule["reason_code"]: rule["threshold"] for rule in rules} == {
        code: threshold for code, (threshold, _, _) in RULES.items()
    }
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, list(rules[0]))
        table.writeheader()
        table.writerows(rule | {"threshold": RULES[rule["reason_code"]][1]} for rule in rules)


def decide_and_publish(settings: Settings, policy: Path) -> dict[str, str]:
    """Decide by the policy on sellers of whom each breaks one rule, and publish; the seller of each rule."""
    build_night(settings, NIGHT, "run", sellers=len(RULES))
    sellers = {code: f"seller-{place:07d}" for place, code in enumerate(RULES)}
    with duckdb.connect(str(settings.warehouse)) as connection:
        for code, (_, _, features) in RULES.items():
            values = ", ".join(f"{name} = {value}" for name, value in (SOUND | features).items())
            where = f"where seller_id = '{sellers[code]}'"
            connection.execute(f"update marts.seller_features set {values} {where}")
        connection.execute("update marts.credit_scores set pd = 0.01, reasons = []")
        for table in ("loan_eligibility", "seller_credit_record", "adverse_actions"):
            connection.execute(f"delete from marts.{table}")
    run_dbt(settings, "run", ["seed"], {}, policy)
    models = ["stg_loans", "stg_repayments", "models/decisions"]
    run_dbt(settings, "run", ["run", "--select", *models], {"as_ofs": [NIGHT.isoformat()]}, policy)
    publish(settings, [NIGHT], "run")
    return sellers


def written(number: str) -> str:
    """A pattern of a threshold as texts write it: a number by itself, or a share in percent."""
    share = f"|{100 * float(number):g}%" if 0 < float(number) < 1 else ""
    return rf"(?<![\d.,-])({re.escape(number)}{share})(?![\d%]|[.,]\d)"
