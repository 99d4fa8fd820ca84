"""Model versions in an MLflow server."""
