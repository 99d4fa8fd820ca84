"""One seller's credit record, as it was published night by night."""

import logging
from dataclasses import dataclass
from typing import Any

from serving.adverse import AdverseAction, read_adverse_actions
from serving.query import Result, check_published, query, read_kept, unreadable
from tradeline.contracts.publications import Publication, read_publications
from tradeline.database import connect
from tradeline.errors import Damaged, TradelineError
from tradeline.files import printable
from tradeline.settings import Settings
from tradeline.sql import literal

TABLE = "seller_credit_record"

log = logging.getLogger(__name__)
RecordNight = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """All that was published of one seller, oldest first.

    ``published``: every row, those of runs that a later run has superseded as well (``is_current`` is false).
    ``nights``: the current row of each night, by column. ``reasons``: by code a sentence, and advice for the seller.
    ``adverse_actions``: the reasons given to the seller on the newest night.
    """

    seller_id: str
    currency: str
    published: Result
    nights: tuple[RecordNight, ...]
    reasons: dict[str, tuple[str, str]]
    adverse_actions: tuple[AdverseAction, ...] = ()

    @property
    def latest(self) -> RecordNight:
        """The newest night."""
        return self.nights[-1]


def read_record(settings: Settings, seller_id: str) -> Record:
    """Read a seller's file from the kept publications.

    Raises:
        TradelineError: nothing is published yet, or nothing of this seller.
    """
    if printable(seller_id) != seller_id:
        raise TradelineError(f"the seller_id {printable(seller_id)!r} is not UTF-8 text")
    check_published(settings)
    paths = _readable(settings, read_publications(settings))
    if not paths:
        raise TradelineError(
            "what is published is from before credit records were kept: each seller's begins with the next night, "
            "run `tradeline run`"
        )
    published = query(settings, _rows(read_kept(settings, paths), seller_id))
    if not published.rows:
        raise TradelineError(_unknown(settings, read_kept(settings, paths[-1:]), seller_id))
    rows = [dict(zip(published.columns, row, strict=True)) for row in published.rows]
    nights = tuple(night for night in rows if night["is_current"])
    if not nights:
        raise TradelineError(
            f"every night that was published of the seller {seller_id!r} is withdrawn: `tradeline publications list` "
            "says by whom, when and why"
        )
    reasons = query(settings, "select code, sentence, advice from reason_codes").rows
    return Record(
        seller_id,
        settings.currency,
        published,
        nights,
        {code: (sentence, advice) for code, sentence, advice in reasons},
        read_adverse_actions(settings, seller_id, nights[-1]["as_of"]),
    )


def _readable(settings: Settings, publications: list[Publication]) -> list[str]:
    """The kept files of records; a damaged one that readers no longer see, of a past run, is left out and said.

    Raises:
        Damaged: one that readers see is damaged.
    """
    kept = {
        table.path: publication.is_current
        for publication in publications
        for table in publication.tables
        if table.table_name == TABLE
    }
    with connect(settings) as connection:
        faults = unreadable(settings, connection, list(kept)) if kept else {}
    if stopping := [str(fault) for path, fault in faults.items() if kept[path]]:
        raise Damaged("\n".join(stopping))
    for fault in faults.values():
        log.warning("%s", fault)
    return [path for path in kept if path not in faults]


def _rows(kept: str, seller_id: str) -> str:
    return f"""
        select record.*, publications.published_at, publications.is_current
        from {kept} as record join publications using (as_of, run_id)
        where record.seller_id = {literal(seller_id)} and publications.table_name = {literal(TABLE)}
        order by as_of, published_at, run_id
    """


def _unknown(settings: Settings, kept: str, seller_id: str) -> str:
    """What to tell who asks for a seller that there is not."""
    asked = literal(seller_id)
    nearest = f"""
        select seller_id from {kept}
        order by not starts_with(seller_id, {asked}), levenshtein(lower(seller_id), lower({asked})), seller_id limit 3
    """
    ids = ", ".join(found for (found,) in query(settings, nearest).rows)
    return (
        f"there is no credit record of a seller {seller_id!r}; the nearest names are {ids}. "
        f'All of them: `tradeline sql "select seller_id from history.{TABLE} group by 1 order by 1"`'
    )
