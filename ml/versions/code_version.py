"""Which code made a model: the project's version and a digest of the files that train and score."""

import hashlib
from importlib.metadata import version
from pathlib import Path

ML = Path(__file__).parents[1]


def code_version() -> str:
    """``<version>+<first 12 hex digits of the SHA-256 over every Python and YAML file of ml/>``."""
    digest = hashlib.sha256()
    for path in sorted((*ML.rglob("*.py"), *ML.rglob("*.yml"))):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ML).as_posix()}:{len(content)}:".encode())
        digest.update(content)
    return f"{version('tradeline')}+{digest.hexdigest()[:12]}"
