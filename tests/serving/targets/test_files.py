"""What readers find in a folder and in a real object store."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from obstore.store import LocalStore, ObjectStore, from_url

from serving.publish import withdraw
from serving.targets.deliver import deliver
from serving.targets.state import read_state
from tests.serving.targets.conftest import EARLIER, NIGHT, TARGET, describe, publish_night
from tradeline.contracts.publications import TABLES, find_publication, verified
from tradeline.database import connect
from tradeline.errors import Damaged, TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow

LATER = date(2018, 9, 30)


class Place:
    """A folder or a bucket, and what is in it."""

    def __init__(self, url: str, store: ObjectStore, aside: Path) -> None:
        self.url, self.store, self.aside = url, store, aside

    def names(self) -> list[str]:
        return sorted(entry["path"] for entry in self.store.list().collect())

    def rows(self, name: str, columns: str = "*", order: str = "all") -> list[tuple[Any, ...]]:
        """The rows of a Parquet or CSV object."""
        path = self.aside / name.replace("/", "_")
        path.write_bytes(self.store.get(name).bytes())
        with connect(Settings(home=self.aside)) as connection:
            return connection.execute(f"select {columns} from '{path}' order by {order}").fetchall()


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place of each kind in turn."""
    aside = tmp_path / "aside"
    aside.mkdir()
    if request.param == "folder":
        url = str(tmp_path / "a folder" / "offers")
        return Place(url, LocalStore(url, mkdir=True), aside)
    url = f"s3://{request.getfixturevalue('s3_bucket')}/offers"
    return Place(url, from_url(url), aside)


@pytest.fixture
def delivered(published: Settings, place: Place) -> Settings:
    """A home whose two nights the place has, as Parquet."""
    describe(published, kind="files", url=place.url)
    deliver(published, TARGET)
    return published


def shown(place: Place, suffix: str = "parquet") -> list[tuple[Any, ...]]:
    """Night, run and whether it is the latest, of what the manifest shows."""
    found = place.rows(f"publications.{suffix}", "distinct as_of, run_id, is_latest, is_current")
    return [row[:3] for row in found if row[3]]


def test_parquet_is_what_is_kept_to_the_bit(delivered: Settings, place: Place) -> None:
    for as_of in (EARLIER, NIGHT):
        for kept in find_publication(delivered, as_of).tables:
            assert bytes(place.store.get(kept.path).bytes()) == verified(delivered, kept).read_bytes()
    assert len(place.names()) == 2 * len(TABLES) + 1
    assert shown(place) == [(EARLIER, "first", False), (NIGHT, "second", True)]
    paths = {path for (path,) in place.rows("publications.parquet", "path")}
    assert paths | {"publications.parquet"} == set(place.names())


def test_csv_has_the_same_values(published: Settings, place: Place) -> None:
    describe(published, kind="files", url=place.url, format="csv")
    deliver(published, TARGET)
    kept = verified(published, find_publication(published, NIGHT).table("loan_eligibility"))
    columns = "seller_id, as_of, is_eligible, pd, score, limit_amount::decimal(18, 2), model_version"
    with connect(published) as connection:
        wanted = connection.execute(f"select {columns} from '{kept}' order by all").fetchall()
    name = "loan_eligibility/as_of=2018-08-31/second.csv"
    assert place.rows(name, columns) == wanted and len(wanted) == 20
    codes = {codes for (codes,) in place.rows(name, "reason_codes")}
    assert codes == {"[]", '["MODEL_SALES_VOLUME","MODEL_REFUNDS"]'}
    assert shown(place, "csv") == [(EARLIER, "first", False), (NIGHT, "second", True)]
    assert deliver(published, TARGET) == "apps: nothing was missing"


def test_what_was_missed_is_brought_and_nothing_is_changed(delivered: Settings, place: Place) -> None:
    before = {name: bytes(place.store.get(name).bytes()) for name in place.names() if "/" in name}
    publish_night(delivered, LATER, "third")
    publish_night(delivered, NIGHT, "second", mark=7)
    assert deliver(delivered, TARGET) == "apps: 2 nights as of 2018-08-31 to 2018-09-30 delivered"
    assert shown(place) == [(EARLIER, "first", False), (NIGHT, "second", False), (LATER, "third", True)]
    assert before == {name: bytes(place.store.get(name).bytes()) for name in before}
    named = {path for (path,) in place.rows("publications.parquet", "path") if "loan_eligibility/as_of=2018-08" in path}
    assert place.rows(named.pop(), "distinct score") == [(7,)]


def test_a_withdrawn_night_is_not_shown(delivered: Settings, place: Place) -> None:
    withdraw(delivered, NIGHT, "A test night.", "anna")
    assert deliver(delivered, TARGET) == "apps: nothing was missing"
    assert shown(place) == [(EARLIER, "first", True)]
    said = place.rows("publications.parquet", "distinct withdrawn_by, withdrawn_reason")
    assert ("anna", "A test night.") in said


def test_without_history_the_latest_night_alone_is_kept(delivered: Settings, place: Place) -> None:
    describe(delivered, kind="files", url=place.url, history=False, tables=["loan_eligibility"])
    publish_night(delivered, LATER, "third")
    deliver(delivered, TARGET)
    assert place.names() == ["loan_eligibility/as_of=2018-09-30/third.parquet", "publications.parquet"]
    withdraw(delivered, LATER, "A test night.", "anna")
    deliver(delivered, TARGET)
    assert place.names() == ["loan_eligibility/as_of=2018-08-31/second.parquet", "publications.parquet"]
    withdraw(delivered, NIGHT, "A test night.", "anna")
    withdraw(delivered, EARLIER, "A test night.", "anna")
    deliver(delivered, TARGET)
    assert place.names() == ["publications.parquet"] and shown(place) == []


def test_a_damaged_night_keeps_no_other_from_the_target(published: Settings, place: Place) -> None:
    kept = published.published / find_publication(published, NIGHT).table("credit_scores").path
    kept.chmod(0o644)
    kept.write_bytes(b"")
    describe(published, kind="files", url=place.url)
    with pytest.raises(
        Damaged, match=r"target apps: .*second\.parquet is not the file(.|\n)*tradeline publish --to apps"
    ):
        deliver(published, TARGET)
    assert shown(place) == [(EARLIER, "first", True)]
    publish_night(published, NIGHT, "third")
    deliver(published, TARGET)
    assert shown(place) == [(EARLIER, "first", False), (NIGHT, "third", True)]


def test_a_lost_manifest_is_made_anew(delivered: Settings, place: Place) -> None:
    place.store.delete("publications.parquet")
    deliver(delivered, TARGET)
    assert shown(place) == [(EARLIER, "first", False), (NIGHT, "second", True)]


def test_a_bucket_that_there_is_not_is_told_by_the_store(published: Settings, s3_bucket: str) -> None:
    describe(published, kind="files", url="s3://nowhere/offers")
    with pytest.raises(TradelineError, match=r"target apps: the store says: .*nowhere"):
        deliver(published, TARGET)
    assert "the store says" in (read_state(published, TARGET).error or "")


@pytest.mark.parametrize("url", ["offers", "ftp://host/offers", "s3:bucket"])
def test_what_is_no_place_is_refused(published: Settings, url: str) -> None:
    describe(published, kind="files", url=url)
    with pytest.raises(
        TradelineError, match="neither a folder nor a store: write it as in /folder, s3://bucket/prefix"
    ):
        deliver(published, TARGET)
