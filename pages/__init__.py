"""What the pages that people look at have in common: their style, their plots, and how they are written."""
