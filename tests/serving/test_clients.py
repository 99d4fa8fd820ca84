"""What is published is read by DuckDB's clients of version 1.x too, which many tools bring along."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from serving.publish import publish
from tests.serving.built import build_night
from tests.serving.older_client import check_alike, read_by_an_older_client
from tradeline.contracts.publications import marts_file, read_publications
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)


def test_a_publication_is_the_same_for_the_newest_client_of_1_x(settings: Settings) -> None:
    build_night(settings, NIGHT, "first", sellers=300)
    publish(settings, [NIGHT], "first")
    check_alike(settings)


def test_a_publication_of_an_earlier_release_is_replaced_by_one_that_they_read(settings: Settings) -> None:
    build_night(settings, NIGHT, "first")
    publish(settings, [NIGHT], "first")
    in_newest_format(marts_file(settings))
    with pytest.raises(AssertionError, match="version"):
        read_by_an_older_client(marts_file(settings))
    before = read_publications(settings)
    build_night(settings, NIGHT, "second")
    publish(settings, [NIGHT], "second")
    check_alike(settings)
    assert [found.run_id for found in before] == ["first"]
    assert [found.run_id for found in read_publications(settings)] == ["first", "second"]


def in_newest_format(path: Path) -> None:
    """Write the file again as DuckDB does where no storage version is asked for."""
    newest = path.with_name("newest.duckdb")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as old (read_only); attach '{newest}' as new")
        connection.execute("copy from database old to new")
    newest.replace(path)
