"""Which features stay null without optional raw data."""

from tradeline.checked import yaml_of
from tradeline.contracts.features import read_catalogue
from tradeline.contracts.needs import PATH, null_features
from tradeline.contracts.raw import BY_NAME


def test_what_is_named_is_there() -> None:
    needs = yaml_of(PATH)
    assert needs.keys() <= {feature.name for feature in read_catalogue()}
    for each in {need for named in needs.values() for need in named}:
        table, _, column = each.partition(".")
        assert not column or not BY_NAME[table].column(column).is_required


def test_a_table_or_a_column_takes_its_features_along() -> None:
    assert null_features([], {"orders": ["category"]}) == {}
    found = null_features(["reviews"], {"payments": ["balance_after", "order_id"]})
    assert list(found) == ["reviews", "payments.balance_after"]
    assert {"average_rating_90d", "reviews_90d", "five_star_share_90d"} < set(found["reviews"])
    assert "balance_amount" in found["payments.balance_after"]
