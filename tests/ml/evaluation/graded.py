"""Rows whose pd is the true one, to test metrics with."""

from datetime import date

import numpy as np
import pandas as pd

from ml.config import EvaluationConfig, ModelConfig, load_config
from ml.numbers.bootstrap import Floats

KNOWN_ON = date(2018, 12, 31)


def graded(rows: int = 2000, rows_per_seller: int = 1, seed: int = 3) -> tuple[pd.DataFrame, Floats]:
    """Rows of six decision months, all mature on ``KNOWN_ON``, and their true pds: about one in five defaults."""
    random = np.random.default_rng(seed)
    true_pd = random.beta(1, 4, rows)
    as_of = pd.date_range("2018-01-31", periods=6, freq="ME")[np.arange(rows) % 6]
    frame = pd.DataFrame(
        {
            "seller_id": [f"s{i // rows_per_seller}" for i in range(rows)],
            "as_of": as_of,
            "matures_on": as_of + pd.Timedelta(days=180),
            "label_kind": "loan_default",
            "is_default": random.random(rows) < true_pd,
            "sales_amount_90d": -true_pd + random.normal(0, 0.3, rows),
            "tenure_days": random.integers(0, 900, rows),
            "seller_type": random.choice(["individual", "business"], rows, p=[0.7, 0.3]),
        }
    )
    return frame, true_pd


def quick(resamples: int = 50) -> ModelConfig:
    """The settings with few resamples."""
    evaluation = EvaluationConfig(resamples=resamples, bins=10, segment_bad_rows=10)
    return load_config().model_copy(update={"evaluation": evaluation})
