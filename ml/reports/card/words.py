"""Numbers and names as a card shows them."""

from ml.evaluation.evaluate import label_text
from ml.learning.registered import registered
from ml.registry.version import ModelVersion
from tradeline.estimates import Estimate

METRICS = {"auc": "AUC", "gini": "Gini", "ks": "KS", "brier": "Brier", "ece": "ECE", "pd_ratio": "mean pd / observed"}
TOO_FEW = "too few"


def title_of(algorithm: str) -> str:
    """An algorithm above a column or a plot; its name where ``ml/model.yml`` has it no longer."""
    found = registered().get(algorithm)
    return found.title if found else plain(algorithm)


def spoken(algorithm: str) -> str:
    """An algorithm in a sentence: XGBoost, the scorecard."""
    found = registered().get(algorithm)
    return found.spoken() if found else plain(algorithm)


def metric_name(metric: str) -> str:
    """A metric by its common name."""
    return METRICS.get(metric, plain(metric))


def reason_name(code: str) -> str:
    """A reason code of the model in plain words."""
    return plain(code.removeprefix("MODEL_")).lower()


def plain(name: str) -> str:
    """seller_type as seller type."""
    return name.replace("_", " ")


def sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def number(found: int) -> str:
    """12,345."""
    return f"{found:,}"


def count(rows: int, word: str) -> str:
    """1,200 loans; 1 loan."""
    return f"{rows:,} {word.removesuffix('s') if rows == 1 else word}"


def percent(share: float) -> str:
    """0.0412 as 4.1%, 0.0004 as 0.04%, 1 as 100%."""
    digits = 0 if share in (0, 1) else 1 if abs(share) >= 0.01 else 2
    return f"{share:.{digits}%}"


def share_interval(found: Estimate | None) -> str:
    """4.1% [3.5%, 4.8%]."""
    return f"{percent(found.value)} [{percent(found.low)}, {percent(found.high)}]" if found else TOO_FEW


def interval(found: Estimate | None, digits: int = 3) -> str:
    """0.714 [0.690, 0.738]."""
    return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]" if found else TOO_FEW


def listed(names: list[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "none"


def is_replayed(version: ModelVersion) -> bool:
    """Whether the label is a replay: what would have become of loans that were never made."""
    return label_text(version.label_kind) != version.label_kind
