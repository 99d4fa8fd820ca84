"""The inputs of one model version, as they were when it was trained."""

from tradeline.checked import Frozen
from tradeline.contracts.features import Sign


class ModelFeature(Frozen):
    """An input of the model; ``categories`` are the names seen in training, in the order of their codes.

    ``typical``: the median over the loans that turned out good, what a seller's own value is shown beside; None for a
    category, and where no good loan has a value.
    """

    name: str
    family: str
    expected_sign: Sign | None
    categories: tuple[str, ...] | None
    typical: float | None = None

    @property
    def is_category(self) -> bool:
        """Whether its values are names, not numbers."""
        return self.categories is not None
