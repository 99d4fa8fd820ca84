"""The policy's version follows its content, and so do the texts that sellers read."""

import csv
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tradeline.contracts.policy import (
    REASONS,
    SEEDS,
    limited_from_pd,
    load_reasons,
    loss_given_default,
    policy_rows,
    policy_version,
)
from tradeline.errors import TradelineError
from tradeline.settings import Settings

RULE = {"reason_code": "FEW", "feature": "orders_90d", "operator": "<", "threshold": "6", "is_active": "true"}
REASON = {"kind": "knock_out", "basis": "owed", "sentence": "Under {threshold:paid order} in {window:day}."}
NUMBER_WORDS = re.compile(
    r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|sixty|ninety|half|third|quarter|fourth|fifth"
    r"|sixth|twice|dozen|weeks?|months?|years?)\b",
    re.IGNORECASE,
)


def test_the_version_changes_with_any_value_or_name_and_only_with_them(settings: Settings, tmp_path: Path) -> None:
    copy = shutil.copytree(SEEDS, tmp_path / "seeds")
    assert policy_version(settings, copy) == policy_version(settings)
    assert len(policy_version(settings)) == 12
    (copy / "_seeds.yml").write_text("# a note")
    assert policy_version(settings, copy) == policy_version(settings)
    reasons = copy / "reasons.yml"
    reasons.write_text(reasons.read_text().replace("The shop is younger", "The shop is still younger"))
    assert policy_version(settings, copy) != policy_version(settings)
    shutil.copyfile(SEEDS / "reasons.yml", reasons)
    parameters = copy / "policy_parameters.csv"
    parameters.write_text(parameters.read_text().replace("1000000", "2000000"))
    changed = policy_version(settings, copy)
    assert changed != policy_version(settings)
    parameters.rename(copy / "policy_other.csv")
    assert policy_version(settings, copy) != changed


def test_the_loss_given_default_is_the_seeds(tmp_path: Path) -> None:
    (tmp_path / "policy_parameters.csv").write_text(
        "parameter,value,unit,why\nbudget_amount,,amount,none\nloss_given_default,0.25,share,so\n"
    )
    assert loss_given_default(tmp_path) == 0.25


def policy(folder: Path, rules: list[dict[str, str]], **reason: str) -> Path:
    """A policy of these rules and one reason, FEW."""
    folder.mkdir(exist_ok=True)
    with (folder / "policy_knockouts.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(RULE))
        table.writeheader()
        table.writerows(rules)
    (folder / REASONS).write_text(yaml.safe_dump({"FEW": REASON | reason}))
    return folder


@pytest.mark.parametrize(
    ("rule", "sentence", "told"),
    [
        ({}, "{threshold:paid order} in {window:day}", "6 paid orders in 90 days"),
        ({"threshold": "1", "feature": "orders_1d"}, "{threshold:paid order}, {window:day}", "1 paid order, 1 day"),
        ({"threshold": "0"}, "{threshold:day}", "0 days"),
        ({"threshold": "2.5"}, "{threshold:star}", "2.5 stars"),
        ({"threshold": "1000000"}, "{threshold}", "1,000,000"),
        ({"threshold": "0.07"}, "{threshold:%}", "7%"),
        ({"threshold": "0.125"}, "{threshold:%}", "12.5%"),
    ],
)
def test_a_text_takes_the_numbers_of_its_rule(rule: dict[str, str], sentence: str, told: str, tmp_path: Path) -> None:
    folder = policy(tmp_path, [RULE | rule], sentence=sentence, advice=f"Mind {sentence}")
    reason = load_reasons(folder)["FEW"]
    assert (reason.sentence, reason.advice) == (told, f"Mind {told}")


def test_a_rule_that_is_not_in_force_counts_only_without_one_that_is(tmp_path: Path) -> None:
    resting = RULE | {"threshold": "9", "is_active": "false"}
    assert "9 paid" in load_reasons(policy(tmp_path, [resting]))["FEW"].sentence
    assert "6 paid" in load_reasons(policy(tmp_path, [resting, RULE]))["FEW"].sentence


def test_a_reason_whose_rule_was_removed_is_left_out(tmp_path: Path) -> None:
    assert load_reasons(policy(tmp_path, [])) == {}
    assert "FEW" in load_reasons(policy(tmp_path, [], sentence="Too few."))


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([RULE, RULE | {"threshold": "7"}], "{threshold}"),
        ([RULE | {"feature": "tenure_days"}], "{window:day}"),
        ([RULE], "{treshold}"),
        ([RULE], "{threshold"),
        ([RULE | {"threshold": "six"}], "{threshold}"),
    ],
    ids=["two rules", "no window", "unknown name", "no end", "no number"],
)
def test_a_text_that_cannot_be_filled_is_refused(rules: list[dict[str, str]], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match=r"reasons\.yml, FEW: .*policy_knockouts\.csv.*correct the text"):
        load_reasons(policy(tmp_path, rules, sentence=sentence))


def test_a_policy_without_its_rules_says_what_is_missing(tmp_path: Path) -> None:
    shutil.copyfile(SEEDS / REASONS, tmp_path / REASONS)
    with pytest.raises(TradelineError, match=r"lacks policy_knockouts\.csv"):
        load_reasons(tmp_path)


def test_no_text_of_a_rule_has_a_number_of_its_own() -> None:
    """Neither in digits nor in words: a changed rule would make it false."""
    for code, reason in yaml.safe_load((SEEDS / REASONS).read_text()).items():
        for told in (reason, reason.get("without_orders", reason)):
            found = reason["kind"] != "model" and NUMBER_WORDS.search(f"{told['sentence']} {told.get('advice', '')}")
            assert not found, f"{code} says {found}"


def test_a_text_with_a_number_says_on_which_side_of_it_the_rule_declines() -> None:
    texts = yaml.safe_load((SEEDS / REASONS).read_text())
    sides = {"<": r"\b(fewer than|younger than|below) \{threshold", ">": r"\bmore than \{threshold"}
    rules = [rule for rule in policy_rows("policy_knockouts") if "{" in texts[rule["reason_code"]]["sentence"]]
    assert len(rules) == 11
    for rule in rules:
        reason = texts[rule["reason_code"]]
        for told in (reason, reason.get("without_orders", reason)):
            assert re.search(sides[rule["operator"]], told["sentence"], re.IGNORECASE), rule


@pytest.mark.parametrize(
    ("grades", "pd"),
    [
        ("0,0.03,0.25 0.03,0.06,0.25 0.06,0.07,0.2", 0.06),
        ("0,0.02,0.25 0.02,0.06,0.2", 0.02),
        ("0,0.04,0.25", 0.04),
        ("0.05,0.06,0.25 0,0.02,0.25", 0.02),  # nobody is lent to between
        ("0,0.02,0.1 0.02,0.04,0.2", 0),
    ],
)
def test_reasons_are_owed_from_where_a_grade_lends_less_or_nothing(grades: str, pd: float, tmp_path: Path) -> None:
    (tmp_path / "policy_grades.csv").write_text("\n".join(["pd_from,pd_below,sales_months", *grades.split()]))
    assert limited_from_pd(tmp_path) == pd
