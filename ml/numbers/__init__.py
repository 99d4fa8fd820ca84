"""Statistics of predictions: intervals, AUC, ranks, reliability."""
