"""dbt's parsed project, kept from one run to the next: parsing takes longer than most nights' models together.

dbt's own partial parsing starts afresh whenever a variable differs, and ours differ every night. Here a parse is told
by the project's files, dbt's version and the one variable that decides what a model refers to.
"""

import hashlib
import logging
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tradeline.files import written_aside
from tradeline.settings import PROJECT, Settings

log = logging.getLogger(__name__)

DBT_PROJECT = PROJECT / "dbt_project"
# Variables by which a model chooses the models that it reads; all others are only values.
SHAPING = ("spine_kind",)
KEPT = 4


def manifests_folder(settings: Settings) -> Path:
    """Where a home keeps what dbt has parsed."""
    return settings.warehouse.parent / "dbt_manifests"


def kept_manifest(folder: Path, variables: Mapping[str, Any], engine: str) -> Any:
    """The project parsed for an engine and these variables; None where it has not been parsed as it is now."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    path = folder / _name(variables, engine)
    if not path.exists():
        return None
    try:
        manifest = Manifest.from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
    except Exception:  # whatever is wrong with it: it is only a copy, and dbt parses again
        log.warning("  %s cannot be read, dbt parses again", path)
        return None
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    return manifest


def keep_manifest(folder: Path, variables: Mapping[str, Any], engine: str, target: Path) -> None:
    """Keep what dbt has just parsed, if it has; the oldest of several are forgotten."""
    parsed = target / "partial_parse.msgpack"
    if not parsed.exists():
        return
    with written_aside(folder / _name(variables, engine), is_durable=False) as aside:
        shutil.copyfile(parsed, aside)
    kept = sorted(folder.glob("*.msgpack"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-KEPT]:
        path.unlink(missing_ok=True)


def project_digest() -> str:
    """SHA-256 over dbt's version and all files of the project, in short: by what tables were made."""
    digest = hashlib.sha256(version("dbt-core").encode() + version("dbt-duckdb").encode())
    for path in sorted(path for path in DBT_PROJECT.rglob("*") if path.suffix in (".sql", ".yml", ".csv")):
        digest.update(str(path.relative_to(DBT_PROJECT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _name(variables: Mapping[str, Any], engine: str) -> str:
    shape = "-".join(str(variables.get(name)) for name in SHAPING)
    return f"{project_digest()}-{engine}-{version(f'dbt-{engine}')}-{shape}.msgpack"
