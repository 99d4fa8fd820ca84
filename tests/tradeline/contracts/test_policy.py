"""The policy's version follows its content."""

import shutil
from pathlib import Path

from tradeline.contracts.policy import SEEDS, loss_given_default, policy_version
from tradeline.settings import Settings


def test_the_version_changes_with_any_value_or_name_and_only_with_them(settings: Settings, tmp_path: Path) -> None:
    copy = shutil.copytree(SEEDS, tmp_path / "seeds")
    assert policy_version(settings, copy) == policy_version(settings)
    assert len(policy_version(settings)) == 12
    (copy / "_seeds.yml").write_text("# a note")
    assert policy_version(settings, copy) == policy_version(settings)
    reasons = copy / "reasons.yml"
    reasons.write_text(reasons.read_text().replace("too young", "very young"))
    assert policy_version(settings, copy) != policy_version(settings)
    shutil.copyfile(SEEDS / "reasons.yml", reasons)
    parameters = copy / "policy_parameters.csv"
    parameters.write_text(parameters.read_text().replace("1000000", "2000000"))
    changed = policy_version(settings, copy)
    assert changed != policy_version(settings)
    parameters.rename(copy / "policy_other.csv")
    assert policy_version(settings, copy) != changed


def test_the_loss_given_default_is_the_seeds(tmp_path: Path) -> None:
    parameters = tmp_path / "policy_parameters.csv"
    parameters.write_text("parameter,value,unit,why\nbudget_amount,,amount,none\nloss_given_default,0.25,share,so\n")
    assert loss_given_default(parameters) == 0.25
