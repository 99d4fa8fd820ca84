"""Synthetic training sets: made by numpy with a known relation between features and default."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

TRAINED_AS_OF = date(2018, 8, 31)

# name, family, unit, expected_sign; noise has no effect on default.
FEATURES = (
    ("sales_amount_90d", "sales", "amount", "-"),
    ("late_share_90d", "service", "share", "+"),
    ("rating_mean_90d", "ratings", "stars", "-"),
    ("tenure_days", "tenure", "days", "-"),
    ("noise_rate", "buyers", "rate", None),
    ("industry", "tenure", "category", None),
    ("empty_amount", "refunds", "amount", "+"),
    ("constant_count", "data_quality", "count", None),
)


def write_catalogue(path: Path, features: tuple[tuple[str, str, str, str | None], ...]) -> Path:
    columns = [{"name": "seller_id"}, {"name": "as_of"}] + [
        {
            "name": name,
            "config": {"meta": {"family": family, "unit": unit, "expected_sign": sign, "is_model_input": True}},
        }
        for name, family, unit, sign in features
    ]
    path.write_text(yaml.safe_dump({"models": [{"name": "seller_features", "columns": columns}]}))
    return path


def write_training_set(frame: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)
    return path


def synthetic_frame(seed: int = 7, sellers: int = 250, months: int = 14, strength: float = 1.0) -> pd.DataFrame:
    """One row per seller and month from 2017-01-31 on; the pd depends on late_share, rating and the industry.

    ``strength`` 0 makes default independent of every feature. Outcomes mature 90 days after the decision.
    """
    random = np.random.default_rng(seed)
    rows = sellers * months
    as_of = pd.DatetimeIndex(np.repeat(pd.date_range("2017-01-31", periods=months, freq="ME"), sellers))
    late = random.beta(2, 6, rows)
    rating = np.clip(random.normal(4, 0.7, rows), 1, 5)
    industry = random.choice(["toys", "food", "books"], rows)
    log_odds = -1.3 + strength * (7 * (late - 0.25) - 1.2 * (rating - 4) + 0.8 * (industry == "toys"))
    is_default = random.random(rows) < 1 / (1 + np.exp(-log_odds))
    return pd.DataFrame(
        {
            "seller_id": np.tile([f"s{number:04}" for number in range(sellers)], months),
            "as_of": as_of.date,
            "matures_on": (as_of + pd.Timedelta(days=90)).date,
            "label_kind": "cash_flow_replay",
            "is_default": is_default,
            "is_indeterminate": False,
            "is_early_payment_default": False,
            "sales_amount_90d": random.lognormal(7, 1, rows),
            "late_share_90d": np.where(random.random(rows) < 0.1, np.nan, late),
            "rating_mean_90d": np.where(random.random(rows) < 0.2, np.nan, rating),
            "tenure_days": random.integers(0, 900, rows),
            "noise_rate": random.random(rows),
            "industry": industry,
            "empty_amount": np.full(rows, np.nan),
            "constant_count": 3,
        }
    )
