from pathlib import Path

import duckdb

from tradeline.database import Limits, connect, scalar
from tradeline.settings import Settings


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    return scalar(connection, "select current_setting(?)", [name])


def test_a_connection_keeps_to_the_deployment_and_its_clock_is_utc(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, threads=3, memory_limit="256MiB")
    for path in (None, tmp_path / "a.duckdb"):
        with connect(settings, path) as connection:
            assert setting(connection, "threads") == 3
            assert setting(connection, "memory_limit") == "256.0 MiB"
            assert setting(connection, "TimeZone") == "UTC"


def test_what_does_not_fit_goes_where_it_is_told_and_never_into_the_folder_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with connect(Limits(threads=1)) as in_memory, connect(Limits(threads=1), path) as file:
        assert setting(in_memory, "temp_directory") == ""
        assert setting(file, "temp_directory") == f"{path}.tmp"
    with connect(Limits(threads=1), spill=tmp_path / "spill") as told:
        assert setting(told, "temp_directory") == str(tmp_path / "spill")
