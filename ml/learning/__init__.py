"""From the rows of a training set to calibrated contenders: which rows and features, and one class per algorithm."""
