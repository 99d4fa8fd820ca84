"""From the rows of a training set to two calibrated contenders: which rows and features, XGBoost and the scorecard."""
