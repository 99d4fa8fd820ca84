"""What a seller is told, with its own value beside a typical good seller's or the rule's bound."""

from datetime import date, timedelta

import duckdb
import pytest

from serving.adverse import AdverseAction, read_adverse_actions
from serving.publish import publish
from serving.query import query
from serving.record import read_record
from serving.record_words import standing
from tests.serving.built import build_night, forget
from tradeline.errors import TradelineError
from tradeline.settings import Settings

NIGHT = date(2018, 8, 31)
SELLER = "seller-0000003"
TOLD = """
    (1, 'PAST_DUE', 'It is due.', 'Pay.', 'current_days_past_due', 4, null, 0),
    (2, 'MODEL_SALES', 'Few orders.', 'Sell.', 'orders_90d', 7, 40.5, null)
"""


def publish_with(settings: Settings, as_of: date, run_id: str, *, is_eligible: bool) -> None:
    """Publish a night on which one seller is told ``TOLD`` and nobody else anything."""
    build_night(settings, as_of, run_id)
    columns = "position, reason_code, sentence, advice, feature, seller_value, typical_value, threshold"
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


@pytest.mark.parametrize(
    ("numbers", "compared"),
    [
        ((None, None, None, None), ""),
        (("tenure_days", 45.0, None, 90.0), " (tenure_days 45; the bound is 90)"),
        (("sales_growth_90d", -0.51239, 0.1, None), " (sales_growth_90d -0.512; a typical good seller has 0.1)"),
        (("sales_amount_90d", 1234.5, 60_000.4, None), " (sales_amount_90d 1,234; a typical good seller has 60,000)"),
        (("average_rating_90d", None, 4.5, None), " (average_rating_90d unknown; a typical good seller has 4.5)"),
        (("industry", None, None, None), " (industry)"),
    ],
    ids=["the decision", "a rule", "a ratio", "an amount", "a missing value", "a category"],
)
def test_numbers_stand_beside_the_sentence(
    numbers: tuple[str | None, float | None, float | None, float | None], compared: str
) -> None:
    assert AdverseAction("It is so.", "Mend it.", *numbers).words == f"It is so. Mend it.{compared}"


def test_a_declined_seller_is_told_why(settings: Settings) -> None:
    publish_with(settings, NIGHT, "first", is_eligible=False)
    assert offer(settings) == [
        "none; no score",
        "It is due. Pay. (current_days_past_due 4; the bound is 0)",
        "Few orders. Sell. (orders_90d 7; a typical good seller has 40.5)",
    ]
    assert read_adverse_actions(settings, "seller-0000004", NIGHT) == ()


def test_a_lower_offer_is_explained(settings: Settings) -> None:
    publish_with(settings, NIGHT, "first", is_eligible=True)
    assert offer(settings)[0].startswith("up to 1.00 CNY") and offer(settings)[1] == "below the full limit:"
    assert [action.sentence for action in read_adverse_actions(settings, SELLER, NIGHT)] == [
        "It is due.",
        "Few orders.",
    ]


def test_a_home_of_before_goes_on(settings: Settings) -> None:
    publish_with(settings, NIGHT, "old", is_eligible=False)
    forget(settings, "adverse_actions")
    assert offer(settings)[1].startswith("There is no score yet.")
    with pytest.raises(TradelineError, match="adverse_actions does not exist"):
        query(settings, "from adverse_actions")
    publish_with(settings, NIGHT + timedelta(days=1), "new", is_eligible=False)
    assert query(settings, "select distinct as_of from history.adverse_actions").rows == [(NIGHT + timedelta(days=1),)]
    assert len(offer(settings)) == 3
    assert read_adverse_actions(settings, SELLER, NIGHT) == ()
    with pytest.raises(TradelineError, match="nothing is published for 2018-07-31"):
        read_adverse_actions(settings, SELLER, date(2018, 7, 31))
