"""What must not pass quietly: a night without a model where there was one, or with far fewer offers than before."""

from collections.abc import Iterator
from datetime import date

import duckdb

from tradeline.contracts.publications import Publication
from tradeline.database import connect
from tradeline.settings import Settings
from tradeline.sql import literal

OFFERS_SHARE_MIN = 0.5  # of the offers before


def setbacks(settings: Settings, publications: list[Publication], as_of: date) -> list[str]:
    """Of the current publication of a night, in words: what it lacks beside the night before it, and beside what was
    published for the same night before. ``publications`` is the whole manifest.
    """
    night = next((found for found in publications if found.is_current and found.as_of == as_of), None)
    if night is None:
        return []
    with connect(settings) as connection:
        found = (_told(settings, connection, night, before) for before in _before(publications, night))
        told = list(dict.fromkeys(said for words in found for said in words))
    remedy = f"if that is wrong, `tradeline publications withdraw --as-of {as_of} --reason TEXT` takes it from readers"
    return [f"{said}; {remedy}" for said in told]


def _before(publications: list[Publication], night: Publication) -> list[Publication]:
    """The last one of the same night, and that of the night before."""
    earlier = [found for found in publications if found.is_current and found.as_of < night.as_of]
    replaced = [found for found in publications if found.as_of == night.as_of and found.run_id != night.run_id]
    return [found[-1] for found in (earlier, [each for each in replaced if not each.withdrawal]) if found]


def _told(
    settings: Settings, connection: duckdb.DuckDBPyConnection, night: Publication, before: Publication
) -> Iterator[str]:
    beside = f"the publication of {before.as_of} by run {before.run_id}"
    if before.model_version and not night.model_version:
        yield f"{night.as_of} IS PUBLISHED WITHOUT A MODEL: {beside} had {before.model_version}"
    offers, offers_before = (_offers(settings, connection, each) for each in (night, before))
    if offers is not None and offers_before is not None and offers < OFFERS_SHARE_MIN * offers_before:
        yield f"{night.as_of} HAS FEWER THAN HALF OF THE OFFERS: {offers:,}, and {beside} had {offers_before:,}"


def _offers(settings: Settings, connection: duckdb.DuckDBPyConnection, publication: Publication) -> int | None:
    """How many sellers got an offer; None where the kept file cannot tell."""
    path = settings.published / publication.table("loan_eligibility").path
    try:
        [(offers,)] = connection.execute(
            f"select count_if(is_eligible) from read_parquet({literal(path)}, hive_partitioning = false)"
        ).fetchall()
    except duckdb.Error:
        return None
    return int(offers)
