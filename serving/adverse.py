"""Why a seller got no offer, or one below the full limit, in words."""

from dataclasses import dataclass
from datetime import date

from serving.query import query, read_kept
from tradeline.contracts.publications import find_publication
from tradeline.settings import Settings
from tradeline.sql import literal

TABLE = "adverse_actions"


@dataclass(frozen=True)
class AdverseAction:
    """One reason; ``advice`` is empty where the seller can do nothing, ``evidence`` None where there are no values to
    tell and in a publication from before it."""

    sentence: str
    advice: str
    evidence: str | None = None

    @property
    def words(self) -> str:
        """The sentence, the advice, and in brackets what the reason stands on."""
        return " ".join(filter(None, [self.sentence, self.advice, self.evidence and f"({self.evidence})"]))


def read_adverse_actions(settings: Settings, seller_id: str, as_of: date) -> tuple[AdverseAction, ...]:
    """What the current publication of a night tells a seller, the weightiest first; empty for a full offer, and for a
    publication from before there were adverse actions.

    Raises:
        TradelineError: the night is not published.
    """
    paths = [kept.path for kept in find_publication(settings, as_of).tables if kept.table_name == TABLE]
    if not paths:
        return ()
    sql = f"from {read_kept(settings, paths)} where seller_id = {literal(seller_id)} order by position"
    found = query(settings, sql)
    told = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    return tuple(AdverseAction(row["sentence"], row["advice"], row.get("evidence")) for row in told)
