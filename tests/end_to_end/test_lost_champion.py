"""A model that served and is lost or damaged stops the run, for no seller is declined for want of a file."""

import shutil

import pytest

from cli.status import status
from ml.promotion.promote import promote_or_keep
from pipeline.walks import walk
from pipeline.whole_nights import run_nights
from tests.markets import Market
from tradeline.contracts.publications import read_publications
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def test_a_lost_champion_stops_the_run_until_a_person_lets_a_version_serve(home: Settings, market: Market) -> None:
    as_of, model = market.night(9).isoformat(), str(read_publications(home)[0].model_version)
    aside = shutil.copytree(home.models, home.home / "aside")
    (home.models / "champion.json").unlink()
    for dag_id in ("loan_eligibility", "credit_model"):
        with pytest.raises(TradelineError, match=rf"champion\.json is missing, though (.|\n)*{model}(.|\n)*promote"):
            walk(home, dag_id, {"as_of": as_of})
    shutil.rmtree(home.models)
    with pytest.raises(TradelineError, match=r"champion\.json is missing"):
        run_nights(home, {"as_of": as_of})
    assert len(read_publications(home)) == 1 and not (home.models / "champion.json").exists()
    assert any("champion.json is missing" in notice for notice in status(home).notices)
    shutil.copytree(aside / model, home.models / model)
    promote_or_keep(home, model)
    walk(home, "loan_eligibility", {"as_of": as_of})
    assert [found.model_version for found in read_publications(home)] == [model, model]


def test_a_damaged_champion_stops_the_run(home: Settings, market: Market) -> None:
    (home.models / "champion.json").write_bytes(b'{"champion": "2018')
    with pytest.raises(TradelineError, match=r"champion\.json cannot be read"):
        walk(home, "loan_eligibility", {"as_of": market.night(9).isoformat()})
    assert len(read_publications(home)) == 1
