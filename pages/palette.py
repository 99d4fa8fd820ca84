"""The colours of pages and plots; quick to import."""

INK, MUTED, GRID = "#222222", "#666666", "#e3e3e3"
MAIN, ACCENT, PALE, GREEN = "#2f5d8a", "#c2571a", "#b8c9da", "#4d7f3a"
