"""The model card of a version: one page for whoever answers for the model, and the same as JSON."""
