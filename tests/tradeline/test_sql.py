from pathlib import Path

import duckdb
import pytest

from tradeline.sql import identifier, literal, plain_path

ODD = """o'clock "twelve" ; -- \\ %s {x} ünï"""


def test_an_odd_text_comes_back_from_sql_as_it_was() -> None:
    with duckdb.connect() as connection:
        assert connection.execute(f"select {literal(ODD)}").fetchall() == [(ODD,)]


def test_an_odd_name_is_one_column() -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table odd ({identifier(ODD)} integer, {identifier('order')} integer)")
        assert [column[0] for column in connection.execute("from odd").description or ()] == [ODD, "order"]


@pytest.mark.parametrize("folder", ["[ab]", "a*", "a?"])
def test_a_folder_with_signs_of_patterns_is_read_alone(tmp_path: Path, folder: str) -> None:
    for name in (folder, "a", "ab"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.csv").write_text(f"name\n{name}\n")
    path = literal(plain_path(tmp_path / folder / "x.csv"))
    with duckdb.connect() as connection:
        assert connection.execute(f"from read_csv({path}, header = true)").fetchall() == [(folder,)]
