"""Why a seller is declined or offered less: every reason has its words and its basis, and nobody is told nothing."""

from pathlib import Path

import duckdb
import pytest
import yaml

from tests.dbt_project.test_catalogue import FAMILIES
from tradeline.dbt import run_dbt
from tradeline.errors import TradelineError
from tradeline.policy import REASONS, SEEDS, load_reasons, reason_rows
from tradeline.settings import Settings


def test_every_family_has_a_reason_and_every_reason_of_the_model_a_family() -> None:
    codes = {code for code, reason in load_reasons().items() if reason.kind == "model"}
    assert codes == {f"MODEL_{family.upper()}" for family in FAMILIES}


def test_every_reason_is_given_for_one_of_two() -> None:
    assert {reason.basis for reason in load_reasons().values()} == {"actionable", "owed"}


@pytest.mark.parametrize(
    "change",
    [{"basis": None}, {"basis": "useful"}, {"kind": "rule"}, {"advice": ""}, {"sentence": None}, {"note": "more"}],
    ids=str,
)
def test_a_reason_without_a_basis_a_kind_or_words_is_refused(change: dict[str, str | None], tmp_path: Path) -> None:
    content = yaml.safe_load((SEEDS / REASONS).read_text())
    content["PAST_DUE"] = {name: text for name, text in (content["PAST_DUE"] | change).items() if text is not None}
    (tmp_path / REASONS).write_text(yaml.safe_dump(content))
    with pytest.raises(TradelineError, match=rf"{REASONS}(.|\n)*PAST_DUE\.{next(iter(change))}"):
        load_reasons(tmp_path)


def test_the_warehouse_has_the_reasons_word_for_word(built: Settings) -> None:
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        found = connection.execute("select code, kind, basis, sentence, advice from policy.reason_codes").fetchall()
    assert sorted(found) == sorted(tuple(row.values()) for row in reason_rows())


def test_whoever_is_declined_is_told_why_in_at_most_four_reasons(built: Settings) -> None:
    query = """
        select is_eligible, len(actions), count(*)
        from marts.loan_eligibility
        left join (
            select seller_id, as_of, list(position order by position) as actions
            from marts.adverse_actions group by seller_id, as_of
        ) using (seller_id, as_of)
        group by all
    """
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        counts = connection.execute(query).fetchall()
    declined = {told: sellers for is_eligible, told, sellers in counts if not is_eligible}
    assert sum(declined.values()) > 50 and set(declined) <= {1, 2, 3, 4}


def test_a_home_from_before_reasons_had_details_goes_on(settings: Settings) -> None:
    details = "struct(reason_code varchar, feature varchar, seller_value double, typical_value double)[]"
    key = "seller_id varchar, as_of date, pd double, score integer, reasons varchar[]"
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema ml; create schema marts; create schema policy")
        connection.execute(f"create table marts.credit_scores ({key}, model_version varchar)")
        connection.execute("insert into marts.credit_scores values ('s', '2024-01-01', 0.1, 600, ['MODEL_SALES'], 'm')")
        connection.execute("create table policy.reason_codes as select 'PAST_DUE' as code, 'knock_out' as kind")
        connection.execute(f"create table ml.scores ({key}, model_version varchar, run_id varchar)")
        connection.execute(f"alter table ml.scores add column reason_details {details}")
        connection.execute("insert into ml.scores values ('s', '2024-01-02', 0.1, 600, [], 'm', 'r', [])")
    run_dbt(settings, "run", ["run", "--select", "credit_scores", "reason_codes"], {"as_ofs": ["2024-01-02"]})
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        query = "select as_of::varchar, reason_details from marts.credit_scores order by 1"
        found = connection.execute(query).fetchall()
        assert found == [("2024-01-01", None), ("2024-01-02", [])]
        assert connection.execute("select count(*) from policy.reason_codes").fetchall() == [(len(load_reasons()),)]
