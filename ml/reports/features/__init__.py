"""The pages of the feature catalogue in docs/features: definition, lineage, distribution and AUC of each feature."""
