"""The night that readers see, in figures."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tradeline.contracts.publications import Publication, attach, latest_publication, marts_file
from tradeline.database import connect
from tradeline.settings import Settings


@dataclass(frozen=True)
class Latest:
    """The latest night that readers see; times are UTC, the amount is in the deployment's currency."""

    as_of: date
    run_id: str
    published_at: datetime
    sellers: int
    eligible_sellers: int
    limit_total_amount: Decimal

    @property
    def key(self) -> tuple[date, str]:
        """The night and the run."""
        return self.as_of, self.run_id


def read_latest(settings: Settings, publications: list[Publication]) -> Latest | None:
    """What ``marts.duckdb`` offers; None where nothing is published. ``publications`` is the whole manifest."""
    latest = latest_publication(publications)
    if latest is None:
        return None
    with connect(settings) as connection:
        attach(connection, marts_file(settings), "marts")
        counts = connection.execute(
            "select count(*), count_if(is_eligible), coalesce(sum(limit_amount), 0) from marts.loan_eligibility"
        ).fetchall()[0]
    return Latest(latest.as_of, latest.run_id, latest.published_at, *counts)
