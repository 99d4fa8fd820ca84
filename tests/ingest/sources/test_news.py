"""Whether a source of files has one that was not read, which a DAG waits for."""

import pytest

from ingest.sources.news import has_new_files
from tests.ingest.sources.deployment import NIGHT, SELLERS_CSV, Deployment
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


def test_a_file_is_new_until_it_has_landed(settings: Settings) -> None:
    shop = Deployment(settings)
    columns = {name: name for name in ("seller_id", "seller_type", "registered_at")}
    shop.map(
        read={"files": {"files": "*.csv", "new_files": True}}, tables={"sellers": {"of": "files", "columns": columns}}
    )
    assert shop.folder.is_dir() and not has_new_files(settings, "shop")
    shop.write("1.csv", SELLERS_CSV)
    assert has_new_files(settings, "shop")
    shop.land(NIGHT)
    assert not has_new_files(settings, "shop")
    shop.write("2.csv", SELLERS_CSV.replace("s1", "s2"))
    assert has_new_files(settings, "shop")
