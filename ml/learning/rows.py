"""The rows that every algorithm is fitted on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.encode import Matrix
from ml.learning.folds import RowNumbers

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """The training rows; shapes (rows, features), (rows,), (rows,), (rows,).

    Rows that are not ``is_fitting``, the indeterminate ones, calibrate but fit nothing.
    """

    values: Matrix
    is_bad: Flags
    is_fitting: Flags
    sellers: pd.Series

    def fitting(self, chosen: RowNumbers | None = None) -> tuple[Matrix, Flags]:
        """Values and outcomes of those of the chosen rows, by default of all, that are for fitting."""
        kept = np.flatnonzero(self.is_fitting) if chosen is None else chosen[self.is_fitting[chosen]]
        return self.values[kept], self.is_bad[kept]
