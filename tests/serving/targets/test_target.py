"""What a file of targets/ may say."""

from typing import Any, get_args

import pytest

from serving.targets.target import Table, read_target, target_names
from tests.serving.targets.conftest import describe
from tradeline.contracts.publications import TABLES
from tradeline.errors import BadInput
from tradeline.settings import Settings


def test_a_target_has_every_table_and_every_night_unless_it_says_less(settings: Settings) -> None:
    describe(settings, "apps", kind="postgres", url="postgresql://host/database")
    target = read_target(settings, "apps")
    assert (target.tables, target.history, target.schema_) == (TABLES, True, "tradeline")
    assert get_args(Table) == TABLES


def test_a_webhook_is_told_of_nights_to_come(settings: Settings) -> None:
    describe(settings, "hook", kind="webhook", url="https://host/offers")
    assert read_target(settings, "hook").history is False


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("kind: postgres\nurl: u\n\nshema: s\n", 4, "shema: Extra inputs are not permitted"),
        ("kind: oracle\nurl: u\n", 1, "kind: Input should be 'postgres', 'mysql', 'files' or 'webhook'"),
        ("kind: mysql\nurl: u\ntables:\n  - loan_eligibility\n  - offers\n", 5, "tables.1: Input should be"),
        ("kind: files\nurl: /offers\nformat: orc\n", 3, "format: Input should be 'parquet' or 'csv'"),
        ('kind: postgres\nurl: u\ngrants:\n  - a"; drop\n', 4, "grants.0: String should match pattern"),
        ("kind: postgres\nurl: u\nschema: a b\n", 3, "schema: String should match pattern"),
        ("kind: mysql\nurl: u\nschema: s\n", 1, "schema is for postgres alone: take it out"),
        (
            "kind: webhook\nurl: https://host\ntables: [credit_scores]\n",
            1,
            "tables is for postgres and mysql and files",
        ),
        ("kind: files\n", 1, "there is no url: say where the target is"),
        ("kind: mysql\n", 1, "say where the target is, or name an Airflow connection"),
        ("kind: webhook\nurl: host/offers\n", 1, "the url of a webhook begins with https:// or http://"),
        ("kind: files\nurl: [\n", 3, "correct the YAML there"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(settings: Settings, text: str, line: int, said: str) -> None:
    settings.targets.mkdir(parents=True)
    (settings.targets / "apps.yml").write_text(text)
    with pytest.raises(BadInput) as refused:
        read_target(settings, "apps")
    assert f"{settings.targets / 'apps.yml'}, line {line}: " in str(refused.value) and said in str(refused.value)


def test_a_target_that_there_is_not_is_refused_with_those_that_there_are(settings: Settings) -> None:
    with pytest.raises(BadInput, match=r"no target 'app' \(there are: none\): write .*app\.yml, as docs/targets\.md"):
        read_target(settings, "app")
    describe(settings, "apps", kind="files", url="/offers")
    with pytest.raises(BadInput, match=r"no target '../apps' \(there are: apps\)"):
        read_target(settings, "../apps")


@pytest.mark.parametrize("name", ["Apps", "my-apps", "1st", "a b"])
def test_a_name_that_no_variable_can_have_is_refused(settings: Settings, name: str) -> None:
    describe(settings, name, kind="files", url="/offers")
    with pytest.raises(BadInput, match="small letters, digits and _ alone"):
        read_target(settings, name)
    assert target_names(settings) == [name]


def test_a_home_without_targets_has_none(settings: Settings) -> None:
    names: list[Any] = target_names(settings)
    assert names == []
