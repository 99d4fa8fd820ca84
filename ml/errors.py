"""What can go wrong with a model; each message is for the user."""

from tradeline.errors import Damaged, TradelineError


class NotEnoughData(TradelineError):
    """Too few matured rows of either class to train and evaluate a model; the serving model stays."""


class BadFeatures(TradelineError):
    """Features that a model cannot be trained on or scored with: absent, renamed, infinite, duplicated."""


class BadModel(Damaged):
    """A model version that is absent, truncated or changed since it was saved."""


class Immature(TradelineError):
    """A metric was asked for on rows whose outcome is not known yet."""
