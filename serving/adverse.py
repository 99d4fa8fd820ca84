"""Why a seller got no offer, or one below the full limit, in words."""

from dataclasses import dataclass
from datetime import date

from serving.manifest import find_publication, quoted
from serving.query import query, read_kept
from tradeline.settings import Settings

TABLE = "adverse_actions"


@dataclass(frozen=True)
class AdverseAction:
    """One reason with what it stands on; the numbers are None where there is none to tell."""

    sentence: str
    advice: str
    feature: str | None
    seller_value: float | None
    typical_value: float | None
    threshold: float | None

    @property
    def words(self) -> str:
        """The sentence and the advice, with the seller's value beside a typical good seller's or the rule's bound."""
        return " ".join(filter(None, [self.sentence, self.advice, self._compared()]))

    def _compared(self) -> str:
        if self.feature is None:
            return ""
        beside = [
            f"{words} {_figure(value)}"
            for words, value in (("the bound is", self.threshold), ("a typical good seller has", self.typical_value))
            if value is not None
        ]
        if self.seller_value is None and not beside:
            return f"({self.feature})"
        own = "unknown" if self.seller_value is None else _figure(self.seller_value)
        return f"({'; '.join([f'{self.feature} {own}', *beside])})"


def read_adverse_actions(settings: Settings, seller_id: str, as_of: date) -> tuple[AdverseAction, ...]:
    """What the current publication of a night tells a seller, the weightiest first; empty for a full offer, and for a
    publication from before there were adverse actions.

    Raises:
        TradelineError: the night is not published.
    """
    paths = [kept.path for kept in find_publication(settings, as_of).tables if kept.table_name == TABLE]
    if not paths:
        return ()
    columns = ", ".join(AdverseAction.__dataclass_fields__)
    sql = f"select {columns} from {read_kept(settings, paths)} where seller_id = {quoted(seller_id)} order by position"
    return tuple(AdverseAction(*row) for row in query(settings, sql).rows)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
