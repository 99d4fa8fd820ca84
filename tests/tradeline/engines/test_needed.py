"""A session that cannot start is not begun, and the message says what to do."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

import tradeline.engines.spark.needed
from tradeline.engines.spark.needed import check_needed
from tradeline.engines.spark.run import check_spark
from tradeline.errors import TradelineError
from tradeline.settings import Settings


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that says it is Java 17; PySpark is there."""
    monkeypatch.setattr(tradeline.engines.spark.needed, "PACKAGES", tmp_path)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    for folder in ("bin", "pyspark/jars", "dbt/adapters/spark"):
        (tmp_path / folder).mkdir(parents=True)
    return says(tmp_path / "bin" / "java", 'openjdk version "17.0.15" 2025-04-15')


@pytest.fixture
def master() -> Iterator[str]:
    """The address of somebody who answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def says(program: Path, text: str) -> Path:
    program.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.usefixtures("java")
def test_a_machine_that_has_all_may_begin(master: str) -> None:
    check_needed("local[2]")
    check_needed(f"spark://127.0.0.1:1,{master}")  # one of a master's two addresses answers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('openjdk version "11.0.2" 2019-01-15', "is Java 11, and Spark needs 17"),
        ('java version "1.8.0_402"', "is Java 8, and Spark needs 17"),
        ("licence expired", r"does not say which Java it is \(licence expired\)"),
    ],
)
def test_another_java_is_named(java: Path, text: str, said: str) -> None:
    says(java, text)
    with pytest.raises(TradelineError, match=f"{java} {said}.*openjdk-17"):
        check_needed("local[2]")


def test_no_java_is_said(java: Path) -> None:
    java.unlink()
    with pytest.raises(TradelineError, match=r"there is no Java .*apt install openjdk-17-jre-headless"):
        check_needed("local[2]")


def test_no_pyspark_or_half_of_it_is_said(java: Path) -> None:
    (java.parents[1] / "dbt" / "adapters" / "spark").rmdir()
    with pytest.raises(TradelineError, match="PySpark is not installed: make spark"):
        check_needed("local[2]")


@pytest.mark.usefixtures("java")
def test_a_home_that_spark_would_take_for_a_pattern_is_refused(tmp_path: Path) -> None:
    check_spark(Settings(home=tmp_path / "o'brien's home", engine="spark"))
    with pytest.raises(TradelineError, match=r"Spark takes \* \[ \] in the path .*give the home another name"):
        check_spark(Settings(home=tmp_path / "home[1]*", engine="spark"))


@pytest.mark.usefixtures("java")
@pytest.mark.parametrize("master", ["spark://127.0.0.1:1", "spark://127.0.0.1", "spark://127.0.0.1:port"])
def test_a_master_that_does_not_answer_is_named(master: str) -> None:
    with pytest.raises(TradelineError, match=f"nobody answers at {master}"):
        check_needed(master)
