"""A simulated marketplace with a known truth, landed as arrivals, and bad days on demand."""
