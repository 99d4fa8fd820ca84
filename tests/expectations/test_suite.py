"""Suite files: what they may say, and errors that name file and entry."""

from pathlib import Path
from typing import get_args

import pytest

from expectations.checks import build_checks
from expectations.suite import GateName, load_suite
from tradeline.errors import TradelineError

COLUMNS = [
    "seller_id",
    "as_of",
    "orders_7d",
    "orders_30d",
    "orders_365d",
    "sales_amount_30d",
    "sales_amount_7d",
    "x_share",
]

GOOD = """
marts.offers:
  key: [seller_id]
  expectations:
    - expect: {expect}
      {more}
      severity: hard
      name: it
      why: Because.
      remedy: Do it.
"""


def write(folder: Path, text: str) -> Path:
    (folder / "offers_out.yml").write_text(text)
    return folder


def checks(folder: Path, expect: str, more: str) -> list[str | None]:
    (suite,) = load_suite("offers_out", write(folder, GOOD.format(expect=expect, more=more)))
    return [check.column for check in build_checks(suite, COLUMNS)]


@pytest.mark.parametrize("gate", get_args(GateName))
def test_the_suites_of_the_project_are_readable_and_explain_themselves(gate: GateName) -> None:
    for suite in load_suite(gate):
        assert suite.entries
        assert all(placed.entry.why and placed.entry.remedy for placed in suite.entries)


def test_a_pattern_is_one_expectation_for_each_column(tmp_path: Path) -> None:
    more = "columns: ^orders_\n      except: _365d$\n      min_value: 0"
    assert checks(tmp_path, "expect_column_values_to_be_between", more) == ["orders_7d", "orders_30d"]


@pytest.mark.parametrize(
    ("expect", "more", "problem"),
    [
        ("expect_miracles", "min_value: 1", "Great Expectations has no `expect_miracles`"),
        ("expect_table_row_count_to_be_between", "minimum: 1", "minimum"),
        ("expect_column_values_to_be_between", "min_value: 1", "column"),
        ("expect_column_values_to_be_between", "columns: ^nothing$", "chooses no column of marts.offers"),
        ("expect_ratio_to_previous_to_be_between", "values: count(*)", "unexpected keyword argument 'values'"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, expect: str, more: str, problem: str) -> None:
    with pytest.raises(TradelineError) as failure:
        checks(tmp_path, expect, more)
    assert str(tmp_path / "offers_out.yml") in str(failure.value)
    assert f"marts.offers, entry 1 ({expect})" in str(failure.value)
    assert problem in str(failure.value)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("severity: hard\n      ", "", "severity: Field required"),
        ("name: it\n      ", "", "a hard expectation has a `name`"),
        ("name: it", "name: It is so", "name: String should match pattern"),
        ("severity: hard", "severity: soft\n      is_waivable: true", "a soft expectation stops nothing"),
        ("severity: hard", "severity: grave", "severity: Input should be 'hard' or 'soft'"),
        ("remedy: Do it.\n", "", "remedy: Field required"),
        ("more: x", "columns: (", "columns: "),
    ],
)
def test_an_incomplete_entry_is_named(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = GOOD.format(expect="expect_column_to_exist", more="more: x").replace(old, new)
    with pytest.raises(TradelineError) as failure:
        load_suite("offers_out", write(tmp_path, text))
    assert f"{tmp_path / 'offers_out.yml'}, marts.offers, entry 1 (expect_column_to_exist)" in str(failure.value)
    assert problem in str(failure.value)


def test_two_hard_entries_of_a_table_have_two_names(tmp_path: Path) -> None:
    text = GOOD.format(expect="expect_column_to_exist", more="column: x")
    twice = text + text[text.index("    - expect") :]
    with pytest.raises(TradelineError, match=r"entry 2 .*entry 1 .* is called offers_out\.offers\.it too"):
        load_suite("offers_out", write(tmp_path, twice))


def test_only_a_query_can_be_waived(tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match=r"entry 1 .*only faults that a query finds name their night"):
        checks(tmp_path, "expect_table_row_count_to_be_between", "min_value: 1\n      is_waivable: true")


@pytest.mark.parametrize("text", ["a: [", "marts.offers: []", "marts.offers: {key: [a]}"])
def test_a_file_in_another_form_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(TradelineError, match=r"offers_out\.yml"):
        load_suite("offers_out", write(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match=r"offers_out\.yml"):
        load_suite("offers_out", tmp_path)
