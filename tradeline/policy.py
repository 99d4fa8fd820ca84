"""The version of the lending policy: the content of dbt's seeds."""

import hashlib
from pathlib import Path

from tradeline.settings import PROJECT, Settings

SEEDS = PROJECT / "dbt_project" / "seeds"


def policy_version(_settings: Settings, seeds: Path = SEEDS) -> str:
    """First 12 hex digits of the SHA-256 over every seed's name and content."""
    digest = hashlib.sha256()
    for path in sorted(seeds.glob("*.csv")):
        content = path.read_bytes()
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()[:12]
