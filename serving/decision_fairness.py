"""The decisions of a published night, read for ``ml.monitoring.fairness_decisions``."""

import logging
from datetime import date

from ml.evaluation.segments import GROUPED_BY
from ml.monitoring.fairness_decisions import DECISION_COLUMNS, DecisionFairness, assess_decisions
from ml.monitoring.fairness_policy import load_pack
from serving.query import check_published, read_kept
from tradeline.contracts.publications import find_publication, latest_publication, read_publications
from tradeline.database import connect
from tradeline.errors import TradelineError
from tradeline.settings import Settings
from tradeline.sql import identifier

log = logging.getLogger(__name__)


def read_decision_fairness(settings: Settings, as_of: date | None = None) -> DecisionFairness:
    """Fairness of a published night's decisions, by default the latest's, in the jurisdiction that applies.

    Raises:
        TradelineError: nothing is published for that night, or the jurisdiction is not in the policy pack.
    """
    check_published(settings)
    found = find_publication(settings, as_of) if as_of else latest_publication(read_publications(settings))
    if found is None:
        raise TradelineError("every published night is withdrawn: publish one with `tradeline run`")
    pack = load_pack(settings.jurisdiction)
    offers, features = (
        read_kept(settings, [found.table(name).path]) for name in ("loan_eligibility", "seller_features")
    )
    with connect(settings) as connection:
        known = {name for name, *_ in connection.execute(f"describe from {features}").fetchall()}
        columns = [name for name in (*GROUPED_BY, *(gate.by for gate in pack.jurisdiction.gates)) if name in known]
        select = ", ".join((*DECISION_COLUMNS, *(f"features.{identifier(name)}" for name in dict.fromkeys(columns))))
        frame = connection.execute(
            f"select {select} from {offers} as offers join {features} as features using (seller_id, as_of)"
        ).df()
    return assess_decisions(frame, found.as_of, pack)


def warn_of_breaches(settings: Settings, as_of: date) -> None:
    """Say in the log which groups of a published night do not meet the gates of the jurisdiction."""
    for breach in read_decision_fairness(settings, as_of).breaches:
        log.warning("%s: %s (jurisdiction %s)", as_of, breach.sentence, settings.jurisdiction)
