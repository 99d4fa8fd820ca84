"""Marts to published: atomic publication, manifest, replay, reading by SQL, status."""
