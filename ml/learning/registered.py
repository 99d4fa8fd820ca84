"""Which algorithms there are: those that ``ml/model.yml`` names."""

from pkgutil import resolve_name

from ml.config import load_config
from ml.learning.algorithm import Algorithm
from tradeline.errors import TradelineError


def registered() -> dict[str, type[Algorithm]]:
    """Every algorithm by its name, in the order of the file: the simplest last.

    Raises:
        TradelineError: an entry leads to no algorithm, or two have the same name.
    """
    found: dict[str, type[Algorithm]] = {}
    for path in load_config().algorithms:
        algorithm = _algorithm(path)
        if algorithm.name in found:
            raise TradelineError(f"model.yml: algorithms: {path} is the second of the name {algorithm.name}: rename it")
        found[algorithm.name] = algorithm
    return found


def _algorithm(path: str) -> type[Algorithm]:
    try:
        found = resolve_name(path)
    except (AttributeError, ImportError, ValueError) as error:
        raise TradelineError(f"model.yml: algorithms: {path} cannot be imported: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Algorithm)):
        raise TradelineError(f"model.yml: algorithms: {path} is no ml.learning.algorithm.Algorithm: name a class of it")
    return found
