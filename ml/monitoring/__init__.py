"""What changes after training and whom it touches: stability of pds and features, fairness by a policy pack."""
