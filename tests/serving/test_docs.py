"""The queries in docs/published.md work as they stand."""

import re
from datetime import date
from pathlib import Path

import pytest

from serving.publish import publish
from serving.query import query
from tests.serving.built import build_night
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


QUERIES = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "published.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=Path(tmp_path_factory.mktemp("docs")))
    build_night(settings, date(2018, 8, 31), "second")
    build_night(settings, date(2018, 8, 30), "first")
    publish(settings, [date(2018, 8, 30)], "first")
    publish(settings, [date(2018, 8, 31)], "second")
    return settings


def test_the_page_has_queries() -> None:
    assert len(QUERIES) == 10


@pytest.mark.parametrize("sql", QUERIES)
def test_query_of_the_page_is_answered(two_nights: Settings, sql: str) -> None:
    assert query(two_nights, sql).columns
