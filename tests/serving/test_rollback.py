"""What was published before a rollback keeps its model and is decided again to the bit; coming nights have another."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from ml.promotion.promote import promote_or_keep
from ml.promotion.rollback import roll_back
from ml.registry.pointer import Cause
from ml.score import score
from serving.publish import publish
from serving.replay import replay
from tests.ml.trained import AUGUST, JULY, market, train_version
from tests.serving.built import build_night
from tradeline import dbt
from tradeline.contracts.publications import TABLES, read_publications
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


BEFORE, AFTER = date(2018, 9, 1), date(2018, 9, 2)


def decide(settings: Settings, as_of: date, run_id: str) -> None:
    score(settings, [as_of], run_id)
    for selector in ("credit_scores", "loan_eligibility"):
        dbt.build(settings, run_id, selector, {"as_ofs": [as_of.isoformat()]})
    publish(settings, [as_of], run_id)


def test_published_nights_stay_and_coming_ones_have_the_earlier_model(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", memory_limit="500MB")
    july, august = train_version(settings, JULY, market()), train_version(settings, AUGUST, market(8))
    for name in (july, august):
        promote_or_keep(settings, name, force=True)
    for as_of in (BEFORE, AFTER):
        build_night(settings, as_of, "built", sellers=50)
    with duckdb.connect(str(settings.warehouse)) as connection:
        for table in set(TABLES) - {"seller_features"}:
            connection.execute(f"drop table marts.{table}")
    dbt.run_dbt(settings, "built", ["run", "--select", "staging"], {})
    decide(settings, BEFORE, "before")
    (published,) = read_publications(settings)
    roll_back(settings, Cause(by="risk", reason="declines too many"))
    decide(settings, AFTER, "after")
    kept, coming = read_publications(settings)
    assert (kept, coming.model_version) == (published, july) and kept.model_version == august
    assert [replay(settings, as_of).differences for as_of in (BEFORE, AFTER)] == [(), ()]
    decide(settings, BEFORE, "again")
    assert [each.model_version for each in read_publications(settings)] == [august, july, july]
    assert replay(settings, BEFORE, "before").is_equal
