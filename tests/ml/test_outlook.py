"""When a young market can have its first model."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from ml.outlook import first_model_on, outlook
from tradeline.contracts.label import load_label
from tradeline.settings import PROJECT


@pytest.mark.parametrize(
    ("first_on", "ready_on"),
    [
        (date(2025, 1, 1), date(2025, 7, 29)),  # 90 days later it is April 1st; its end and 90 days more
        (date(2025, 1, 30), date(2025, 7, 29)),  # 90 days later it is April 30th, the month's end itself
        (date(2025, 1, 31), date(2025, 8, 29)),  # a day later May has begun
        (date(2023, 11, 15), date(2024, 5, 29)),  # February of a leap year
    ],
)
def test_the_first_day_of_a_model_from_sales_alone(first_on: date, ready_on: date) -> None:
    assert first_model_on(first_on, load_label()) == ready_on


def test_the_outlook_names_the_day_until_it_has_come_and_then_what_is_missing() -> None:
    first_on, ready_on = date(2025, 1, 1), date(2025, 7, 29)
    assert f"can be trained as of {ready_on}" in outlook(first_on, ready_on - timedelta(days=1))
    later = outlook(first_on, ready_on)
    assert "300 rows with 30 of each class, of 10 sellers or more;" in later and str(ready_on) not in later


def test_the_readme_has_the_numbers_of_the_label() -> None:
    text = " ".join(Path(PROJECT / "README.md").read_text().split())
    label = load_label()
    assert f"trained {label.replay_term_days} days after the first month's end" in text
    assert (
        f"once {label.loans_minimum_matured} of them have been watched for {label.performance_window_days} days" in text
    )
