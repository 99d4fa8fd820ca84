"""What the partials in the warehouse were made by: SQL and time zone. When they change, every night is built again."""

import hashlib

from tradeline.settings import PROJECT

DBT_PROJECT = PROJECT / "dbt_project"
DEFINITIONS = (
    "models/staging/*.sql",
    "models/intermediate/*.sql",
    "macros/business_days.sql",
    "macros/measures.sql",
    "macros/nights.sql",
    "macros/partials.sql",
    "macros/signed_versions.sql",
)


def definitions_fingerprint(timezone: str) -> str:
    """SHA-256 over the SQL that turns raw rows into partials, and the zone that says what a day is in them.

    Partials of two versions must not be added up.
    """
    digest = hashlib.sha256(timezone.encode() + b"\0")
    for path in sorted(path for pattern in DEFINITIONS for path in DBT_PROJECT.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
