"""The pages of the feature catalogue in docs/features: what each feature is, where it comes from, what it tells."""
