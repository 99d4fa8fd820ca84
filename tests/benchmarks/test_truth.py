"""The comparison with the truth: traits are those that decided, and every ranking is evaluated on the same loans."""

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from benchmarks.truth_figures import figures, matched, summary
from benchmarks.truth_markets import Extract, extract_markets, gather, loans_of, of_market, write_pool
from benchmarks.truth_shown import expected_with
from benchmarks.truth_traits import TRAITS, expected_auc, hidden_traits, pd_of, shown_share, shown_traits
from simulator.market import Market, truth_folder
from simulator.simulate import simulate
from tests.ml.synthetic import synthetic_frame, write_training_set
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


MARKET = Market(sellers=250, days=100, seed=3, until=date(2026, 6, 30))
FIRST_ON = date(2017, 12, 1)


@pytest.fixture(scope="module")
def traits() -> pd.DataFrame:
    return hidden_traits(MARKET)


def test_the_days_pass_again_as_they_did(traits: pd.DataFrame, settings: Settings) -> None:
    simulate(settings, MARKET)
    told = duckdb.execute(
        f"select seller_id, as_of, true_pd from read_parquet('{truth_folder(settings)}/loans/*/*.parquet')"
    ).df()
    both = told.merge(traits, on=["seller_id", "as_of"], validate="one_to_one", suffixes=("_told", ""))
    assert len(both) == len(told) == len(traits) > 50
    assert (both["true_pd_told"] == both["true_pd"]).all()


def test_the_true_pd_follows_from_the_traits(traits: pd.DataFrame) -> None:
    np.testing.assert_allclose(pd_of(traits), traits["true_pd"], rtol=1e-12)
    for name in TRAITS:
        assert abs(pd_of(traits.assign(**{name: traits[name].mean()})) - traits["true_pd"]).max() > 1e-3


def test_expected_auc_is_the_mean_over_many_outcomes() -> None:
    random = np.random.default_rng(1)
    true_pd, risk = random.beta(1, 8, 400), random.random(400)
    risk = true_pd + 0.2 * risk
    drawn = [_auc(random.random(400) < true_pd, risk) for _ in range(2000)]
    error = np.std(drawn) / np.sqrt(len(drawn))
    assert expected_auc(true_pd, risk) == pytest.approx(np.mean(drawn), abs=4 * error)
    assert expected_auc(true_pd, risk) < expected_auc(true_pd, true_pd)


def test_nothing_ranks_better_than_the_true_pd(traits: pd.DataFrame) -> None:
    shown = pd.DataFrame({name: np.full(len(traits), traits[name].mean()) for name in TRAITS})
    loans = traits.assign(market=np.arange(len(traits)) % 2)
    best = expected_with(loans, shown, ())
    for name in TRAITS:
        assert expected_with(loans, shown, (name,)) <= best
    assert expected_with(loans, shown, TRAITS) == pytest.approx(0.5)


def test_trees_read_a_trait_off_features_that_show_it() -> None:
    random = np.random.default_rng(2)
    values = random.normal(size=(3000, 5)).astype(np.float32)
    traits = pd.DataFrame(random.normal(size=(3000, 4)), columns=list(TRAITS))
    traits["quality"] = values[:, 0] - values[:, 1]
    shown = shown_traits(values[:2000], traits[:2000], values[2000:], threads=1)
    assert shown_share(traits["quality"][2000:], shown["quality"]) > 0.8
    assert shown_share(traits["condition"][2000:], shown["condition"]) < 0.1


def test_figures_of_a_market() -> None:
    random = np.random.default_rng(4)
    true_pd = random.beta(1, 15, 4000)
    rows = pd.DataFrame({"is_default": random.random(4000) < true_pd, "true_pd": true_pd})
    rows = rows.assign(served=1.1 * true_pd, scorecard=0.5 * true_pd.mean(), pooled=-true_pd)
    found = figures(rows)
    assert found["auc.served"] == found["auc.true_pd"] == pytest.approx(1 - found["auc.pooled"])
    assert found["auc.scorecard"] == found["expected.scorecard"] == 0.5
    assert found["of_truth"] == pytest.approx(1.1)
    assert found["of_outcomes"] == pytest.approx(1.1 * true_pd.sum() / rows["is_default"].sum())
    both = summary(pd.DataFrame({1: {"ece": 0.01}, 2: {"ece": 0.03}}).T)
    assert both.loc["mean", "ece"] == pytest.approx(0.02)
    assert both.loc["spread", "ece"] == pytest.approx(0.02 / np.sqrt(2))


def test_the_pool_learns_of_other_markets_what_had_matured(tmp_path: Path) -> None:
    frames = {number: synthetic_frame(number, sellers=20) for number in range(4)}
    paths = {number: write_training_set(frame, tmp_path / f"{number}.parquet") for number, frame in frames.items()}
    count = write_pool([paths[2], paths[3]], {0: paths[0], 1: paths[1]}, FIRST_ON, tmp_path / "pool.parquet")
    pool = pd.read_parquet(tmp_path / "pool.parquet")
    assert not pool.duplicated(["seller_id", "as_of"]).any()
    is_judged = pool["seller_id"].str.startswith("seed-")
    learned, evaluated = pool[~is_judged], pool[is_judged]
    assert len(learned) == count == sum((frames[number]["matures_on"] <= FIRST_ON).sum() for number in (2, 3))
    assert learned["matures_on"].max() <= FIRST_ON <= evaluated["as_of"].min()
    for seed in (0, 1):
        expected = frames[seed][frames[seed]["as_of"] >= FIRST_ON]
        expected = expected.assign(seller_id=expected["seller_id"].map(lambda name, seed=seed: of_market(seed, name)))
        found = matched(expected[["seller_id", "as_of", "rating_mean_90d"]], evaluated.drop(columns="rating_mean_90d"))
        assert len(found) == len(expected)
    assert len(evaluated) == sum((frames[seed]["as_of"] >= FIRST_ON).sum() for seed in (0, 1))


def test_a_judged_loan_without_its_pair_ends_the_comparison() -> None:
    rows = pd.DataFrame({"seller_id": ["a", "b"], "as_of": [FIRST_ON, FIRST_ON]})
    with pytest.raises(SystemExit, match="1 of 2"):
        matched(rows, rows[:1])


def test_markets_are_gathered_until_there_are_enough_loans(tmp_path: Path) -> None:
    extracts = [Extract(tmp_path / str(number)) for number in range(3)]
    for extract in extracts:
        write_training_set(synthetic_frame(sellers=20), extract.training)
    each = loans_of(extracts[0])
    assert each == 20 * 14
    assert gather(iter(extracts), each) == extracts[:1]
    assert gather(iter(extracts), each + 1) == extracts[:2]


def test_an_extract_holds_a_market_and_is_made_once(tmp_path: Path) -> None:
    market = Market(sellers=60, days=40, seed=2, until=date(2026, 6, 30))
    [extract] = extract_markets(iter([market]), tmp_path / "keep")
    [(nights, sellers, rows)] = duckdb.execute(
        f"select list(distinct as_of), count(distinct seller_id), count(*) from '{extract.today}'"
    ).fetchall()
    assert nights == [market.until] and sellers == rows == 60
    pd.testing.assert_frame_equal(pd.read_parquet(extract.truth), hidden_traits(market))
    columns = set(duckdb.execute(f"describe from '{extract.training}'").df()["column_name"])
    assert {"is_default", "is_indeterminate"} < columns
    assert list((tmp_path / "keep").iterdir()) == [extract.folder]  # the home is gone
    written = extract.truth.stat().st_mtime_ns
    assert [*extract_markets(iter([market]), tmp_path / "keep")] == [extract]
    assert extract.truth.stat().st_mtime_ns == written


def _auc(is_bad: np.ndarray, risk: np.ndarray) -> float:
    bad, good = risk[is_bad], risk[~is_bad]
    return float((bad[:, None] > good[None, :]).mean())
