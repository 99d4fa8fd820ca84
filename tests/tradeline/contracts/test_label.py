from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from ml.config import load_config
from tradeline.contracts.label import LABEL, load_label
from tradeline.contracts.policy import policy_rows
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT


def changed(folder: Path, **values: Any) -> Path:
    path = folder / "label.yml"
    content = yaml.safe_load(LABEL.read_text()) | values
    path.write_text(yaml.safe_dump({name: value for name, value in content.items() if value is not None}))
    return path


def test_the_defaults_suit_loans_of_90_days() -> None:
    label = load_label()
    assert (label.indeterminate_from_days_past_due, label.bad_days_past_due) == (30, 90)
    assert (label.early_payment_default.installments, label.early_payment_default.days_past_due) == (1, 30)
    # The last installment, due on day 90, can just fall 90 days past due.
    assert label.performance_window_days == 90 + label.bad_days_past_due


def test_loans_are_the_label_from_the_fewest_rows_that_train_a_model() -> None:
    assert load_label().loans_minimum_matured == load_config().cross_validation.rows


def test_the_replayed_loan_is_one_that_the_policy_makes() -> None:
    """To sellers of whom it asks as many orders, for its term, and of no grade's limit less."""
    label = load_label()
    parameters = {row["parameter"]: row["value"] for row in policy_rows("policy_parameters")}
    asked = [float(rule["threshold"]) for rule in policy_rows("policy_knockouts") if rule["feature"] == "orders_90d"]
    assert label.replay_term_days == float(parameters["term_days"])
    assert asked == [label.replay_minimum_orders]
    assert label.replay_sales_months == max(float(grade["sales_months"]) for grade in policy_rows("policy_grades"))


def test_what_docs_say_of_the_replay_is_the_label() -> None:
    label, text = load_label(), " ".join((PROJECT / "docs" / "model.md").read_text().split())
    assert f"sellers with at least {label.replay_minimum_orders} orders in" in text


def test_every_number_has_a_reason() -> None:
    """Each key, or the group of keys that it stands in, follows on a comment."""
    for group in LABEL.read_text().strip().split("\n\n")[1:]:
        assert group.startswith("# "), group


def test_a_definition_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(load_label(), "bad_days_past_due", 60)  # noqa: B010 - an assignment would not pass mypy


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bad_days_past_due": None}, r"label\.yml: .*\nbad_days_past_due\n  Field required"),
        ({"bad_days": 90}, r"\nbad_days\n  Extra inputs are not permitted"),
        ({"early_payment_default": {"installments": 0, "days_past_due": 30}}, r"early_payment_default\.installments\n"),
        ({"bad_days_past_due": 30}, "indeterminate_from_days_past_due must be below bad_days_past_due"),
        ({"performance_window_days": 90}, "below performance_window_days, or no loan could be indeterminate or bad"),
    ],
)
def test_a_wrong_number_is_named(values: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match=message):
        load_label(changed(tmp_path, **values))


def test_a_file_that_is_absent_or_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match=r"absent\.yml"):
        load_label(tmp_path / "absent.yml")
    (tmp_path / "broken.yml").write_text("bad_days_past_due: [")
    with pytest.raises(TradelineError, match=r"broken\.yml"):
        load_label(tmp_path / "broken.yml")


def test_each_kind_of_label_is_said_in_words(tmp_path: Path) -> None:
    label = load_label(changed(tmp_path, bad_days_past_due=60, replay_annual_rate=0.24))
    assert label.describe("loan_default") == (
        "an installment was 60 or more days past due, or the loan was written off, within 180 days of disbursement"
    )
    assert label.describe("cash_flow_replay") == (
        "no loan was made: 30% of the sales of the next 90 days would not have repaid 0.25 months of sales lent at "
        "24% a year (cash-flow replay)"
    )
    told = label.describe("cash_flow_replay", "income")
    assert "30% of the income of the next" in told and "months of income lent" in told and "sales" not in told
