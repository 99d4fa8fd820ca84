"""How a card says numbers."""

from ml.judging.evaluate import label_text
from ml.registry.store import algorithms_of
from ml.registry.version import ModelVersion
from tradeline.estimates import Estimate


def spoken(version: ModelVersion, name: str) -> str:
    """An algorithm of a version in a sentence: XGBoost, the scorecard."""
    found = algorithms_of(version).get(name)
    return found.spoken() if found else name


def reason_name(code: str) -> str:
    """A reason code of the model in plain words."""
    return code.removeprefix("MODEL_").replace("_", " ").lower()


def percent(share: float) -> str:
    """0.0412 as 4.1%, 0.0004 as 0.04%, 1 as 100%."""
    digits = 0 if share in (0, 1) else 1 if abs(share) >= 0.01 else 2
    return f"{share:.{digits}%}"


def count(rows: int, word: str) -> str:
    """1,200 loans; 1 loan."""
    return f"{rows:,} {word.removesuffix('s') if rows == 1 else word}"


def share_interval(found: Estimate) -> str:
    """4.1% [3.5%, 4.8%]."""
    return f"{percent(found.value)} [{percent(found.low)}, {percent(found.high)}]"


def interval(found: Estimate, digits: int = 3) -> str:
    """0.714 [0.690, 0.738]."""
    return f"{found.value:.{digits}f} [{found.low:.{digits}f}, {found.high:.{digits}f}]"


def listed(names: list[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "none"


def is_replayed(version: ModelVersion) -> bool:
    """Whether the label shows what would have been, of loans that nobody took."""
    return label_text(version.label_kind) != version.label_kind


def judged_by(version: ModelVersion) -> str:
    """In two words."""
    return "out of time" if version.judged_by == "out_of_time" else "cross-validated"
