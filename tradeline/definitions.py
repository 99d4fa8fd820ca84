"""What the partials in the warehouse were made by: when their SQL changes, every night has to be built again."""

import hashlib

from tradeline.settings import PROJECT

DBT_PROJECT = PROJECT / "dbt_project"
DEFINITIONS = (
    "models/staging/*.sql",
    "models/intermediate/*.sql",
    "macros/measures.sql",
    "macros/nights.sql",
    "macros/partials.sql",
    "macros/signed_versions.sql",
)


def definitions_fingerprint() -> str:
    """SHA-256 over the SQL that turns raw rows into partials; partials of two versions must not be added up."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in DEFINITIONS for path in DBT_PROJECT.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
