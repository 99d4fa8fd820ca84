"""The errors that a user sees; each says what is wrong, where, and what to do."""


class TradelineError(Exception):
    """An expected failure: its message is for the user, without a traceback."""


class BadInput(TradelineError):
    """Raw input that broke the contract; a retry cannot help until the input is corrected."""


class GateFailed(TradelineError):
    """A hard expectation failed; nothing after this gate runs and nothing is published."""


class NotDelivered(TradelineError):
    """What was asked for is published, but not every target has it."""


class Damaged(TradelineError):
    """A file of the home is missing, unreadable or not what was written; the message says what mends it."""
