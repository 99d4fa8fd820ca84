"""Which code made a model: the project's version and a digest of the files that train and score."""

from importlib.metadata import version
from pathlib import Path

from tradeline.files import digest_of

ML = Path(__file__).parents[1]


def code_version() -> str:
    """``<version>+<first 12 hex digits of the SHA-256 over every Python and YAML file of ml/>``."""
    digest = digest_of((*ML.rglob("*.py"), *ML.rglob("*.yml")), ML)
    return f"{version('tradeline')}+{digest[:12]}"
