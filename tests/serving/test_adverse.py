"""What a seller is told, with what it stands on."""

from datetime import date, timedelta

import duckdb
import pytest

from serving.adverse import read_adverse_actions
from serving.publish import publish
from serving.query import query
from serving.record import read_record
from serving.record_words import standing
from tests.serving.built import build_night, forget
from tradeline.errors import TradelineError
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)
SELLER = "seller-0000003"
TOLD = """
    (1, 'PAST_DUE', 'It is due.', 'Pay.', 'delay: 4 days; the bound is 0 days'),
    (2, 'MODEL_REVIEWS', 'Few reviews.', '', 'reviews: 7'),
    (3, 'PD_TOO_HIGH', 'Too high.', 'Mend it.', null)
"""


def publish_with(settings: Settings, as_of: date, run_id: str, *, is_eligible: bool) -> None:
    """Publish a night on which one seller is told ``TOLD`` and nobody else anything."""
    build_night(settings, as_of, run_id)
    columns = "position, reason_code, sentence, advice, evidence"
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"delete from marts.adverse_actions where as_of = '{as_of}'")
        connection.execute(
            f"""
            insert into marts.adverse_actions by name
            select '{SELLER}' as seller_id, date '{as_of}' as as_of, '{run_id}' as run_id, *
            from (values {TOLD}) as told ({columns})
            """
        )
        for table in ("loan_eligibility", "seller_credit_record"):
            connection.execute(
                f"""
                update marts.{table} set is_eligible = {is_eligible}, reason_codes = ['NO_SCORE'], score = null
                where seller_id = '{SELLER}' and as_of = '{as_of}'
                """
            )
    publish(settings, [as_of], run_id)


def offer(settings: Settings) -> list[str]:
    return dict(standing(read_record(settings, SELLER)))["offer"].splitlines()


def test_a_declined_seller_is_told_why(settings: Settings) -> None:
    publish_with(settings, NIGHT, "first", is_eligible=False)
    assert offer(settings) == [
        "none; no score",
        "It is due. Pay. (delay: 4 days; the bound is 0 days)",
        "Few reviews. (reviews: 7)",
        "Too high. Mend it.",
    ]
    assert read_adverse_actions(settings, "seller-0000004", NIGHT) == ()


def test_a_lower_offer_is_explained(settings: Settings) -> None:
    publish_with(settings, NIGHT, "first", is_eligible=True)
    assert offer(settings)[0].startswith("up to 1.00 CNY") and offer(settings)[1] == "below the full limit:"
    assert [action.sentence for action in read_adverse_actions(settings, SELLER, NIGHT)] == [
        "It is due.",
        "Few reviews.",
        "Too high.",
    ]


def test_a_home_of_before_goes_on(settings: Settings) -> None:
    publish_with(settings, NIGHT, "old", is_eligible=False)
    forget(settings, "adverse_actions")
    assert offer(settings)[1].startswith("There is no score yet.")
    with pytest.raises(TradelineError, match="adverse_actions does not exist"):
        query(settings, "from adverse_actions")
    publish_with(settings, NIGHT + timedelta(days=1), "new", is_eligible=False)
    assert query(settings, "select distinct as_of from history.adverse_actions").rows == [(NIGHT + timedelta(days=1),)]
    assert len(offer(settings)) == 4
    assert read_adverse_actions(settings, SELLER, NIGHT) == ()
    with pytest.raises(TradelineError, match="nothing is published for 2018-07-31"):
        read_adverse_actions(settings, SELLER, date(2018, 7, 31))


def test_a_night_from_before_reasons_had_evidence_is_read(settings: Settings) -> None:
    build_night(settings, NIGHT, "old")
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("alter table marts.adverse_actions drop column evidence")
    publish(settings, [NIGHT], "old")
    [(seller,)] = query(settings, "select min(seller_id) from adverse_actions").rows
    told = read_adverse_actions(settings, seller, NIGHT)
    assert told and all(action.evidence is None for action in told)
