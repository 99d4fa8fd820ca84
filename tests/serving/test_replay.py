"""A publication can be decided again, to the bit, from what it kept."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ml.promotion.promote import promote_or_keep
from ml.score import score
from ml.train import train
from serving.publish import publish
from serving.query import query
from serving.replay import ReplayDifference, replay
from serving.versions import code_version
from tests.ml.changed import run_after_a_change_of_settings
from tests.ml.synthetic import TRAINED_AS_OF, synthetic_frame, write_catalogue, write_training_set
from tests.serving.built import build_night, forget
from tradeline import dbt
from tradeline.contracts.policy import SEEDS, policy_version
from tradeline.contracts.publications import TABLES, find_publication
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 9, 1)
FEATURES = (
    ("sales_amount_90d", "sales", "amount", "-"),
    ("late_delivery_rate_90d", "service", "share", "+"),
    ("average_rating_90d", "ratings", "stars", "-"),
    ("tenure_days", "tenure", "days", "-"),
    ("industry", "tenure", "category", None),
)
RENAMED = {"late_share_90d": "late_delivery_rate_90d", "rating_mean_90d": "average_rating_90d"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A night that was scored by a trained model, decided by dbt and published by the run "honest"."""
    folder = tmp_path_factory.mktemp("replay")
    settings = Settings(home=folder / "home", memory_limit="500MB")
    catalogue = write_catalogue(folder / "catalogue.yml", FEATURES)
    training_set = write_training_set(synthetic_frame().rename(columns=RENAMED), folder / "training.parquet")
    version = train(settings, training_set, TRAINED_AS_OF, "training", catalogue)
    promote_or_keep(settings, version.model_version, force=True)
    build_night(settings, NIGHT, "honest", sellers=500)
    with duckdb.connect(str(settings.warehouse)) as connection:
        for table in set(TABLES) - {"seller_features"}:
            connection.execute(f"drop table marts.{table}")
    dbt.run_dbt(settings, "honest", ["run", "--select", "staging"], {})
    score(settings, [NIGHT], "honest")
    for selector in ("credit_scores", "loan_eligibility"):
        dbt.build(settings, "honest", selector, {"as_ofs": [NIGHT.isoformat()]})
    publish(settings, [NIGHT], "honest")
    return settings


def test_replay_comes_out_the_same(home: Settings) -> None:
    decided = query(home, "select count(*), count_if(is_eligible), count(distinct pd) from loan_eligibility").rows[0]
    assert decided[0] == 500 and 5 < decided[1] < 480 and decided[2] > 10
    told = "select count(*), count(threshold), count(typical_value), max(position) from adverse_actions"
    assert all(count > 1 for count in query(home, told).rows[0])
    before = home.warehouse.read_bytes()
    report = replay(home, NIGHT)
    assert report.differences == ()
    assert report.is_equal and report.verdict == "2018-09-01 of run honest: 500 decisions came out the same"
    assert home.warehouse.read_bytes() == before


def test_a_change_of_model_settings_leaves_the_replay_as_it_was(home: Settings, tmp_path: Path) -> None:
    program = (
        "import sys; from datetime import date; from pathlib import Path; from serving.replay import replay; "
        "from tradeline.settings import Settings; "
        "settings = Settings(home=Path(sys.argv[1]), memory_limit='500MB'); "
        f"print(replay(settings, date({NIGHT:%Y, %-m, %-d}), 'honest').verdict)"
    )
    verdict = run_after_a_change_of_settings(tmp_path, program, str(home.home))
    assert verdict == "2018-09-01 of run honest: 500 decisions came out the same"


def test_the_code_version_covers_what_decides_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("dbt_project", "ml"):
        shutil.copytree(PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "target"))
    before = code_version(tmp_path)
    assert before == code_version()
    for path in ("ml/model.yml", "dbt_project/seeds/policy_grades.csv", "dbt_project/seeds/reasons.yml"):
        (tmp_path / path).write_text("changed")
    assert code_version(tmp_path) == before
    (tmp_path / "ml" / "score.py").write_text("changed")
    assert code_version(tmp_path) != before


def test_a_publication_from_before_adverse_actions_is_replayed(home: Settings, tmp_path: Path) -> None:
    """Its policy has reason codes in a seed and no basis, its scores have no details, and fewer features were known."""
    settings = home.model_copy(update={"home": Path(shutil.copytree(home.home, tmp_path / "home", symlinks=True))})
    former = settings.published / "policies" / "former"
    former.mkdir()
    for seed in SEEDS.glob("*.csv"):
        shutil.copyfile(seed, former / seed.name)
    codes = "code,kind,sentence,advice\nPD_TOO_HIGH,policy,The risk is too high.,See the reasons beside this one.\n"
    (former / "reason_codes.csv").write_text(codes)
    (former / "policy_label.csv").write_text("parameter,value\nbad_days_past_due,90\n")
    version = policy_version(settings, former)
    former.rename(former.with_name(version))
    with duckdb.connect(str(settings.warehouse)) as connection:
        for table in ("loan_eligibility", "seller_credit_record"):
            connection.execute(f"update marts.{table} set run_id = 'former', policy_version = ?", [version])
        connection.execute("update marts.adverse_actions set run_id = 'former'")
        connection.execute("alter table marts.credit_scores drop column reason_details")
        connection.execute("alter table marts.seller_features drop column owner_current_days_past_due")
    publish(settings, [NIGHT], "former")
    forget(settings, "adverse_actions")
    assert query(settings, "from reason_codes").rows == [
        ("PD_TOO_HIGH", "policy", None, "The risk is too high.", "See the reasons beside this one.")
    ]
    assert replay(settings, NIGHT, "former").differences == ()


def test_replay_names_every_value_that_was_not_decided_so(home: Settings) -> None:
    seller_id, limit = query(
        home, "select seller_id, limit_amount from loan_eligibility where is_eligible limit 1"
    ).rows[0]
    told = "select seller_id, list(advice order by position) from adverse_actions group by 1 having count(*) = 4"
    declined, advised = query(home, f"{told} order by 1 limit 1").rows[0]
    with duckdb.connect(str(home.warehouse)) as connection:
        for table in ("loan_eligibility", "seller_credit_record", "adverse_actions"):
            connection.execute(f"update marts.{table} set run_id = 'forged'")
        connection.execute("update marts.adverse_actions set advice = 'Go.' where seller_id = ?", [declined])
        connection.execute(
            "update marts.loan_eligibility set limit_amount = limit_amount + 0.01 where seller_id = ?", [seller_id]
        )
    publish(home, [NIGHT], "forged")
    report = replay(home, NIGHT, "forged")
    forged = str(limit + Decimal("0.01"))
    assert report.differences == (
        ReplayDifference("loan_eligibility", seller_id, "limit_amount", forged, str(limit)),
        *(ReplayDifference("adverse_actions", declined, "advice", "Go.", advice) for advice in advised),
    )
    assert not report.is_equal and report.verdict == f"2018-09-01 of run forged: {1 + len(advised)} values differ"


def test_a_kept_file_that_was_changed_is_not_replayed(home: Settings) -> None:
    path = home.published / find_publication(home, NIGHT, "honest").table("seller_features").path
    content = path.read_bytes()
    path.chmod(0o644)
    path.write_bytes(content[:-1])
    with pytest.raises(TradelineError, match="not the file that was published"):
        replay(home, NIGHT, "honest")
    path.write_bytes(content)


def test_a_kept_policy_that_was_changed_is_not_replayed(home: Settings) -> None:
    policy = home.published / "policies" / find_publication(home, NIGHT, "honest").policy_version / "policy_grades.csv"
    content = policy.read_bytes()
    policy.chmod(0o644)
    policy.write_bytes(content.replace(b"0.03", b"0.04"))
    with pytest.raises(TradelineError, match="not the policy that was kept"):
        replay(home, NIGHT, "honest")
    policy.write_bytes(content)


def test_a_night_that_was_never_published_has_a_helpful_answer(home: Settings) -> None:
    with pytest.raises(TradelineError, match=r"nothing is published for 2018-08-01 \(runs of that night: none\)"):
        replay(home, date(2018, 8, 1))
    with pytest.raises(TradelineError, match=r"by run other \(runs of that night: honest"):
        replay(home, NIGHT, "other")
