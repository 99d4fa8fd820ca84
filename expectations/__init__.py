"""Gates: Great Expectations suites at the boundaries (raw in, features out, scores out, offers out)."""
