"""Marts to scores: training set, train, evaluate, promote, score."""
