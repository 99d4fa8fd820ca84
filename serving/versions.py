"""Which code and which policy a publication came from."""

import shutil
from importlib import metadata
from pathlib import Path

from tradeline.contracts.policy import SEEDS, policy_files, policy_version
from tradeline.errors import TradelineError
from tradeline.files import digest_of, put_folder
from tradeline.settings import PROJECT, Settings

DBT_PROJECT = PROJECT / "dbt_project"
# The code that decides; policy and model settings are not code, they have versions of their own.
CODE = (
    "dbt_project/dbt_project.yml",
    "dbt_project/macros/**/*",
    "dbt_project/models/**/*",
    "dbt_project/seeds/_seeds.yml",
    "ml/**/*.py",
)


def code_version(project: Path = PROJECT) -> str:
    """The project's version and 12 hex digits of a hash over the code that decides: dbt's and that of ``ml``."""
    digest = digest_of((path for pattern in CODE for path in project.glob(pattern) if path.is_file()), project)
    return f"{_project_version()}+{digest[:12]}"


def policy_archive(settings: Settings, version: str) -> Path:
    """Where a policy version's seeds are kept."""
    return settings.published / "policies" / version


def archive_policy(settings: Settings, version: str) -> None:
    """Keep the policy seeds of a version, once; where the kept ones are damaged, again.

    Raises:
        TradelineError: the seeds are no longer those of ``version``, and it was not kept before.
    """
    archive = policy_archive(settings, version)
    if policy_version(settings, archive) == version:
        return
    aside = settings.published / ".aside" / version
    aside.mkdir()
    for file in policy_files(SEEDS):
        shutil.copyfile(file, aside / file.name)
        (aside / file.name).chmod(0o444)
    # The copy is checked, not the seeds: somebody may be editing them right now.
    if (copied := policy_version(settings, aside)) != version:
        raise TradelineError(
            f"the decision followed policy {version}, but the seeds in {SEEDS} have been changed since, to {copied}: "
            "run the night again"
        )
    put_folder(aside, archive)


def verified_policy(settings: Settings, version: str) -> Path:
    """The kept seeds of a version, if they are what was archived.

    Raises:
        TradelineError: they are missing or have been changed.
    """
    archive = policy_archive(settings, version)
    if policy_version(settings, archive) != version:
        raise TradelineError(f"{archive} is missing or not the policy that was kept: restore it from a backup")
    return archive


def _project_version() -> str:
    try:
        return metadata.version("tradeline")
    except metadata.PackageNotFoundError:
        return "source"
