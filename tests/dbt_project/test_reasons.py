"""Why a seller is declined or offered less: every reason has its words and its basis, and nobody is told nothing."""

import re
from pathlib import Path

import duckdb
import pytest
import yaml

from ml.explain import NOT_KNOWN
from tests.dbt_project.test_catalogue import features
from tradeline.contracts.features import model_inputs
from tradeline.contracts.policy import REASONS, SEEDS, load_reasons, policy_rows, reason_rows
from tradeline.dbt import run_dbt
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def test_every_input_has_a_reason_and_every_reason_of_the_model_an_input() -> None:
    codes = {code for code, reason in load_reasons().items() if reason.kind == "model"}
    assert codes == {feature.reason for feature in model_inputs()} | {NOT_KNOWN}


def test_advice_moves_each_feature_the_way_of_its_expected_sign() -> None:
    """The model is held to a lower pd that way; a group with a feature that is free to go either way has no advice."""
    better = {"+": r"\b(fewer|smaller|shorter|less)\b", "-": r"\b(more|higher)\b"}
    worse = {"+": better["-"], "-": better["+"]}
    reasons = load_reasons()
    for feature in model_inputs():
        for advice in (told.advice.lower() for told in reasons[str(feature.reason)].texts if told.advice):
            sign = feature.expected_sign
            assert sign, f"{feature.name}: {feature.reason} gives advice that the model may answer either way"
            assert re.search(better[sign], advice) and not re.search(worse[sign], advice), (feature.name, advice)
    assert {code for code, reason in reasons.items() if reason.kind == "model" and reason.basis == "owed"} == {
        code for code, reason in reasons.items() if reason.kind == "model" and not reason.advice
    }


def test_no_reason_accuses() -> None:
    told = [
        text for reason in load_reasons().values() for said in reason.texts for text in (said.sentence, said.advice)
    ]
    for text in [*told, *(words for words, _ in words_of_features().values())]:
        assert not re.search(
            r"\b(fakes?|faked|fraud\w*|brush\w*|suspicio\w*|real buyers?|honest\w*)\b", text.lower()
        ), text


def test_every_input_and_every_rule_is_told_in_plain_words_with_units(built: Settings, tmp_path: Path) -> None:
    """Through the SQL that tells sellers: with a value, and for an input also without one."""
    settings = built.model_copy(update={"home": tmp_path / "told", "currency": "BRL"})
    rules = {row["reason_code"]: row["feature"] for row in policy_rows("policy_knockouts")}
    inputs = {feature.name: feature for feature in model_inputs()}
    causes: list[Cause] = [(name, feature.reason, name, 0.25, None) for name, feature in inputs.items()]
    causes += [(f"no {name}", NOT_KNOWN, name, None, None) for name in inputs]
    causes += [(code, code, name, 3.0, 2.0) for code, name in rules.items()]
    told = tell(settings, causes)
    assert len(told) == len(causes)
    units = {
        "amount": r"0\.25 BRL", "days": r"0\.[23] days", "share": "25%", "rate": r"25(%| percentage points)",
        "stars": r"0\.25 stars", "flag": "yes", "count": r"0\.25", "category": "",
        "ratio": r"25(%| percentage points)|0\.[23]5? (times|months|standard deviations)|0\.25",
    }  # fmt: skip
    columns = re.compile("|".join(sorted(inputs, key=len, reverse=True)))
    for key, (sentence, advice, evidence) in told.items():
        text = " ".join(filter(None, [sentence, advice, evidence]))
        assert not columns.search(text) and not re.search(r"\w_\w|\b(pd|woe|null|nan|none)\b", text), text
        assert sentence.endswith(".") and sentence[0].isupper() and (not advice or advice.endswith(".")), text
        if key in inputs:
            assert evidence and re.search(units[inputs[key].unit], evidence), text
        elif key.startswith("no "):
            assert evidence and (": not known" in evidence or inputs[key[3:]].is_category), text
        elif rules[key] == "is_inactive":
            assert evidence is None  # the sentence says it all
        else:
            assert evidence and "; the bound is 2" in evidence, text


Cause = tuple[str, str | None, str, float | None, float | None]


def tell(settings: Settings, causes: list[Cause]) -> dict[str, tuple[str, str, str | None]]:
    """Sentence, advice and evidence of each cause (seller_id, code, feature, value, threshold), by its seller_id."""
    settings.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create schema marts; create schema intermediate")
        connection.execute(
            """
            create table intermediate.adverse_causes (
                seller_id varchar, reason_code varchar, feature varchar, seller_value double, threshold double,
                as_of date default '2024-01-01', position int default 1, typical_value double,
                has_orders boolean default true,
                owed_amount decimal(18, 2), limit_before_debt_amount decimal(18, 2), limit_min_amount decimal(18, 2)
            )
            """
        )
        columns = "seller_id, reason_code, feature, seller_value, threshold"
        connection.executemany(
            f"insert into intermediate.adverse_causes ({columns}) values (?, ?, ?, ?, ?)",
            [list(each) for each in causes],
        )
        connection.execute(
            "create table marts.loan_eligibility as select seller_id, as_of, 'm' as model_version, 'r' as run_id "
            "from intermediate.adverse_causes"
        )
    models = ["feature_words", "adverse_actions"]
    run_dbt(settings, "told", ["run", "--select", *models], {"as_ofs": ["2024-01-01"]})
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        rows = connection.execute("select seller_id, sentence, advice, evidence from marts.adverse_actions").fetchall()
    return {seller: (sentence, advice, evidence) for seller, sentence, advice, evidence in rows}


def words_of_features() -> dict[str, tuple[str, str]]:
    """By feature what its values are called, and its reason."""
    return {
        feature["name"]: (feature["config"]["meta"]["words"], feature["config"]["meta"].get("reason", ""))
        for feature in features()
        if "words" in feature["config"]["meta"]
    }


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
    with pytest.raises(TradelineError, match=rf"{REASONS}(.|\n)*PAST_DUE(.|\n)*{next(iter(change))}"):
        load_reasons(tmp_path)


def test_the_warehouse_has_the_reasons_word_for_word(built: Settings) -> None:
    with duckdb.connect(str(built.warehouse), read_only=True) as connection:
        found = connection.execute("from policy.reason_codes").fetchall()
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
    run_dbt(settings, "run", ["run", "--select", "credit_scores"], {"as_ofs": ["2024-01-02"]})
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        query = "select as_of::varchar, reason_details from marts.credit_scores order by 1"
        found = connection.execute(query).fetchall()
        assert found == [("2024-01-01", None), ("2024-01-02", [])]
        assert connection.execute("select count(*) from policy.reason_codes").fetchall() == [(len(load_reasons()),)]
