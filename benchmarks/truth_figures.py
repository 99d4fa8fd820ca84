"""The figures of one market, and of several: the mean with its spread."""

import numpy as np
import pandas as pd

from benchmarks.truth_traits import expected_auc
from ml.config import load_config
from ml.numbers.bootstrap import Floats, Ranking
from ml.numbers.metrics import Metrics

# Columns of pds in the judged rows, in the order in which they are shown.
COMPARED = ("served", "scorecard", "pooled", "true_pd")


def figures(rows: pd.DataFrame) -> dict[str, float]:
    """Figures of one market's judged rows: is_default and the columns of pds.

    Per column of pds ``auc.<name>`` on the outcomes and ``expected.<name>`` on the true pd; of the served model
    ``ece``, ``of_truth`` (mean pd over mean true pd) and ``of_outcomes`` (over the rate of default).
    """
    is_bad = rows["is_default"].to_numpy(bool)
    pds = {name: rows[name].to_numpy(np.float64) for name in COMPARED}
    served = pds["served"]
    judged = Metrics(is_bad, served, load_config().evaluation.bins)(np.ones(len(rows)))
    return {
        **{f"auc.{name}": _auc(is_bad, risk) for name, risk in pds.items()},
        **{f"expected.{name}": expected_auc(pds["true_pd"], risk) for name, risk in pds.items()},
        "ece": judged["ece"],
        "of_truth": float(served.mean() / pds["true_pd"].mean()),
        "of_outcomes": judged["pd_ratio"],
    }


def summary(by_seed: pd.DataFrame) -> pd.DataFrame:
    """Two rows for all seeds, ``mean`` and ``spread``, the standard deviation over seeds; columns as in ``by_seed``."""
    return pd.DataFrame({"mean": by_seed.mean(), "spread": by_seed.std()}).T


def matched(rows: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Both frames' columns for each of the ``rows``, which are loans: (seller_id, as_of).

    Raises:
        SystemExit: the others lack one of the loans.
    """
    found = rows.merge(others, on=["seller_id", "as_of"], validate="one_to_one")
    if len(found) < len(rows):
        raise SystemExit(
            f"{len(rows) - len(found):,} of {len(rows):,} judged loans are missing: more sellers are needed"
        )
    return found


def _auc(is_bad: np.ndarray, risk: Floats) -> float:
    return Ranking(is_bad, risk).auc_and_ks(np.ones(len(risk)))[0]
