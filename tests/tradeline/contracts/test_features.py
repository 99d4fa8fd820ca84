from pathlib import Path

import pytest
import yaml

from tradeline.contracts.features import MART, Feature, model_inputs, read_catalogue
from tradeline.errors import TradelineError

META = {"family": "sales", "unit": "amount", "expected_sign": "-", "is_model_input": True}


def write(path: Path, metas: dict[str, dict[str, object]]) -> Path:
    columns = [{"name": name, "config": {"meta": meta}} for name, meta in metas.items()]
    path.write_text(yaml.safe_dump({"models": [{"name": MART, "columns": [{"name": "seller_id"}, *columns]}]}))
    return path


def test_features_are_read_in_order_and_keys_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "mart.yml", {"b_amount": META, "a_count": {**META, "is_model_input": False}})
    assert read_catalogue(path) == [
        Feature("b_amount", "sales", "amount", "-", True, minimum=0),
        Feature("a_count", "sales", "amount", "-", False, minimum=0),
    ]
    assert [feature.name for feature in model_inputs(path)] == ["b_amount"]


@pytest.mark.parametrize(
    ("change", "minimum", "maximum"),
    [
        ({}, 0, None),
        ({"minimum": None}, None, None),
        ({"unit": "share"}, 0, 1),
        ({"unit": "share", "maximum": 0.5}, 0, 0.5),
        ({"unit": "ratio"}, None, None),
        ({"unit": "ratio", "minimum": -1}, -1, None),
    ],
)
def test_a_feature_has_the_range_of_its_unit_or_its_own(
    tmp_path: Path, change: dict[str, object], minimum: float | None, maximum: float | None
) -> None:
    [feature] = read_catalogue(write(tmp_path / "mart.yml", {"x": {**META, **change}}))
    assert (feature.minimum, feature.maximum) == (minimum, maximum)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"expected_sign": "up"}, "column x: expected_sign is 'up'"),
        ({"unit": "category"}, "column x: a category has no expected_sign"),
    ],
)
def test_a_wrong_description_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(TradelineError, match=message):
        read_catalogue(write(tmp_path / "mart.yml", {"x": {**META, **change}}))


def test_a_missing_meta_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match="column x: meta lacks unit, is_model_input"):
        read_catalogue(write(tmp_path / "mart.yml", {"x": {"family": "sales", "expected_sign": None}}))


def test_a_catalogue_without_inputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TradelineError, match="is_model_input"):
        model_inputs(write(tmp_path / "mart.yml", {"x": {**META, "is_model_input": False}}))
