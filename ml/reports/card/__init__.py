"""The model card of a version: one page for those who are responsible for the model, and the same as JSON."""
