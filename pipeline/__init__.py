"""What DAGs and commands call: the steps of a run, which nights they are for, and alerts."""
