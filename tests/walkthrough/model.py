"""The pd and the score of a seller, from the files of a model version."""

import json
import math
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb

Values = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A version's folder, read."""

    version: dict[str, Any]
    booster: xgb.Booster

    @classmethod
    def read(cls, folder: Path) -> "Model":
        """The version in ``folder``."""
        return cls(json.loads((folder / "model.json").read_text()), xgb.Booster(model_file=folder / "model.ubj"))

    def pd(self, features: Values) -> float:
        """Probability of default of one seller."""
        algorithm = self.version["algorithm"]
        margin = self._trees(features) if algorithm == "xgboost" else self._points(features)
        found = self.version["contenders"][algorithm]["calibration"]
        if found["method"] == "isotonic":
            return float(np.interp(margin, found["knot_margins"], found["knot_pds"]))
        return 1 / (1 + math.exp(-(found["slope"] * margin + found["intercept"])))

    def score(self, pd: float) -> int:
        """So many points for each doubling of the odds of repaying."""
        scale = self.version["score"]
        doublings = math.log2((1 - pd) / pd / scale["base_odds"])
        return min(950, max(350, round(float(scale["base_score"] + scale["points_to_double_odds"] * doublings))))

    def _trees(self, features: Values) -> float:
        inputs = self.version["features"]
        row = [_number(features[each["name"]], each["categories"]) for each in inputs]
        data = xgb.DMatrix(
            np.array([row], dtype=np.float32),
            feature_names=[each["name"] for each in inputs],
            feature_types=["q" if each["categories"] is None else "c" for each in inputs],
            enable_categorical=True,
        )
        return float(self.booster.predict(data, output_margin=True)[0])

    def _points(self, features: Values) -> float:
        """The scorecard's log-odds: the intercept, and each characteristic's coefficient times its bin's evidence."""
        found = self.version["scorecard"]
        total = found["intercept"]
        for each in found["characteristics"]:
            value = features[each["name"]]
            if value is None:
                woe = each["missing_woe"]
            elif each["groups"] is not None:
                bins = [number for number, group in enumerate(each["groups"]) if value in group]
                woe = each["woe"][bins[0]] if bins else each["missing_woe"]
            else:
                woe = each["woe"][bisect_right(each["edges"], float(np.float32(value)))]
            total += each["coefficient"] * woe
        return float(total)


def _number(value: Any, categories: list[str] | None) -> float:
    if categories is not None:
        return float(categories.index(value)) if value in categories else math.nan
    return math.nan if value is None else float(value)
