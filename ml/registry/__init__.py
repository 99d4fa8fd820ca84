"""Model versions as they are kept, and which of them serves."""
