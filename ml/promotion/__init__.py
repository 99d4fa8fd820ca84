"""Whether a version may serve: gates, comparison, promotion, rollback."""
