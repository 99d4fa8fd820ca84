"""A market copied under other names is as large as it should be, and its sellers are the originals in all but name."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.market import UNTIL
from benchmarks.runs import PROGRAM
from pipeline.whole_nights import run_nights
from tradeline.database import connect
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow
COPIES = 4  # a power of two: the growth of an industry is four times as much by four times as much, to the last bit


def run(home: Path, *command: str) -> str:
    environment = os.environ | {"TRADELINE_HOME": str(home)}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def features(settings: Settings, night: date, prefix: str) -> str:
    """The features of the night, of the sellers of one copy without its prefix."""
    query = f"""
        select * replace (substr(seller_id, {len(prefix) + 1}) as seller_id) from marts.seller_features
        where as_of = ? and regexp_full_match(seller_id, '{prefix}S.*') order by seller_id
    """
    with connect(settings, settings.warehouse, read_only=True) as connection:
        return connection.execute(query, [night]).df().to_csv(index=False)


def test_copied_sellers_are_the_originals_in_all_but_name(tmp_path: Path) -> None:
    few, many = Settings(home=tmp_path / "few"), Settings(home=tmp_path / "many")
    run(few.home, PROGRAM, "simulate", "--sellers", "20", "--days", "110", "--seed", "3", "--until", str(UNTIL))
    run_nights(few, {"as_of": str(UNTIL - timedelta(days=1))})

    million = [sys.executable, "-m", "benchmarks.million", "--home", str(few.home), "--copies", str(COPIES)]
    told = run(many.home, *million, "--keep", str(many.home), "--memory", "800MB")
    for part in ("copy the market 4 times", "partials", "features", "publication", "the whole command"):
        assert part in told

    run_nights(few, {"as_of": str(UNTIL)})
    originals = features(few, UNTIL, "")
    assert originals.count("\n") > 15
    for prefix in ("", "1-", "2-", "3-"):
        assert features(many, UNTIL, prefix) == originals
