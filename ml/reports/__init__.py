"""What people read of a model: its card, the feature pages, its run in MLflow."""
