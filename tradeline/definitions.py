"""What the warehouse's rows and partials were made by: rules, SQL, time zone. A change has every night built again."""

import hashlib

from tradeline.settings import PROJECT, Settings

DEFINITIONS = (
    "tradeline/contracts/raw.py",
    "tradeline/sql.py",
    "ingest/contract_rules/*.py",
    "ingest/validate/*.py",
    "ingest/waiting.py",
    "dbt_project/models/staging/*.sql",
    "dbt_project/models/intermediate/*.sql",
    "dbt_project/macros/business_days.sql",
    "dbt_project/macros/changes.sql",
    "dbt_project/macros/measures.sql",
    "dbt_project/macros/nights.sql",
    "dbt_project/macros/partials.sql",
    "dbt_project/macros/signed_versions.sql",
    "dbt_project/macros/status_and_times.sql",
    "dbt_project/macros/stored_order.sql",
    "dbt_project/macros/versions.sql",
)


def definitions_fingerprint(settings: Settings) -> str:
    """SHA-256 over what admits rows and turns them into partials, and the settings that say what is in them.

    These are which day a moment is of, and which texts are no values. Partials of two versions must not be added up.
    """
    digest = hashlib.sha256(f"{settings.timezone}\0{settings.no_value_texts}\0".encode())
    for path in sorted(path for pattern in DEFINITIONS for path in PROJECT.glob(pattern)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
