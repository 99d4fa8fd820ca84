"""What the warehouse's rows and partials were made by: rules, SQL, time zone. A change has every night built again."""

import hashlib

from tradeline.settings import PROJECT

DEFINITIONS = (
    "ingest/contract.py",
    "ingest/validate/*.py",
    "ingest/waiting.py",
    "dbt_project/models/staging/*.sql",
    "dbt_project/models/intermediate/*.sql",
    "dbt_project/macros/business_days.sql",
    "dbt_project/macros/measures.sql",
    "dbt_project/macros/nights.sql",
    "dbt_project/macros/partials.sql",
    "dbt_project/macros/signed_versions.sql",
)


def definitions_fingerprint(timezone: str) -> str:
    """SHA-256 over what admits rows and turns them into partials, and the zone that says what a day is in them.

    Partials of two versions must not be added up.
    """
    digest = hashlib.sha256(timezone.encode() + b"\0")
    for path in sorted(path for pattern in DEFINITIONS for path in PROJECT.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
