"""How well a model does on rows that it has not seen, with intervals, and which contender serves."""
