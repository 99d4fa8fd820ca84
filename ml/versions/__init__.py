"""Model versions: what is known of each, where it is kept, which one serves and how that changes."""
