"""Real model versions on features that the mart has, so that the command line can serve them too."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from tests.ml.kept import train_once
from tests.ml.synthetic import synthetic_frame, write_catalogue, write_training_set
from tradeline.settings import Settings

FEATURES = (
    ("sales_amount_90d", "sales", "amount", "-"),
    ("late_delivery_rate_90d", "service", "share", "+"),
    ("average_rating_90d", "ratings", "stars", "-"),
    ("tenure_days", "tenure", "days", "-"),
    ("industry", "tenure", "category", None),
)
RENAMED = {"late_share_90d": "late_delivery_rate_90d", "rating_mean_90d": "average_rating_90d"}
JUNE, JULY, AUGUST, SEPTEMBER = date(2018, 6, 30), date(2018, 7, 31), date(2018, 8, 31), date(2018, 9, 30)


def market(seed: int = 7) -> pd.DataFrame:
    return synthetic_frame(seed).rename(columns=RENAMED)


def useless() -> pd.DataFrame:
    """Training labels without a relation to the features, out-of-time labels with it."""
    frame = market()
    early = (frame["as_of"] < date(2017, 12, 1)).to_numpy()
    frame.loc[early, "is_default"] = np.random.default_rng(1).permutation(frame.loc[early, "is_default"].to_numpy())
    return frame


def train_version(
    settings: Settings,
    day: date,
    frame: pd.DataFrame,
    features: tuple[tuple[str, str, str, str | None], ...] = FEATURES,
) -> str:
    """Train one version, from a training set of its own, and return its name."""
    content = int(pd.util.hash_pandas_object(frame).sum())
    path: Path = settings.models / "training" / f"{content:x}.parquet"
    write_training_set(frame, path)
    catalogue = write_catalogue(settings.models / "catalogue.yml", features)
    return train_once(settings, path, day, f"trained.{day}", catalogue).model_version
