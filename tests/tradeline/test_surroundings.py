"""Which variables count, and that a process gets through all others as if they were not there."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.command import started
from tradeline.settings import PROJECT, Settings
from tradeline.surroundings import own_environment, own_surroundings, without_effect

HOME = Path("/a/home")
FOREIGN = {
    "DBT_FULL_REFRESH": "true",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "mysql://user:s3cret@elsewhere/airflow",
    "GX_CLOUD_ACCESS_TOKEN": "s3cret",
    "MLFLOW_REGISTRY_URI": "http://elsewhere",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_CORETYPE": "Nehalem",
    "PYTHONOPTIMIZE": "2",
    "PYTHONHASHSEED": "7",
    "MATPLOTLIBRC": "/elsewhere",
    "XDG_CONFIG_HOME": "/elsewhere",
    "LD_PRELOAD": "",
}
NAMES = st.sampled_from(
    [*FOREIGN, "PATH", "TZ", "LC_ALL", "HOME", "PYTHONPATH", "TRADELINE_HOME", "no_proxy", "NO_PROXY"]
)


@given(st.dictionaries(NAMES, st.text("abc,/.", max_size=9)))
def test_an_environment_of_our_own_stays_as_it_is(shell: dict[str, str]) -> None:
    own = own_environment(shell, HOME)
    assert own_environment(own, HOME) == own
    assert not FOREIGN.keys() & own.keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRADELINE_CURRENCY", "BRL"),
        ("tradeline_currency", "BRL"),
        ("MLFLOW_TRACKING_URI", "http://models"),
        ("MLFLOW_TRACKING_TOKEN", "t"),
        ("HTTPS_PROXY", "http://proxy"),
        ("https_proxy", "http://proxy"),
        ("SSL_CERT_FILE", "/certificates"),
        ("PATH", "/bin"),
        ("COLUMNS", "80"),
    ],
)
def test_what_counts_is_handed_on(name: str, value: str) -> None:
    assert own_environment({name: value}, HOME)[name] == value


def test_the_same_zone_language_and_modules_whatever_the_shell_says() -> None:
    shell = {"TZ": "Asia/Shanghai", "LC_ALL": "tr_TR.UTF-8", "PYTHONPATH": "/elsewhere", "HOME": "/root"}
    own = own_environment(shell, HOME)
    assert (own["TZ"], own["LC_ALL"], own["PYTHONPATH"]) == ("UTC", "C.UTF-8", str(PROJECT))
    assert own["HOME"] == "/a/home/cache"


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
def test_no_proxy_stands_between_us_and_this_machine(name: str) -> None:
    own = own_environment({name: "intern, localhost", "HTTP_PROXY": "http://proxy"}, HOME)
    assert own["no_proxy"] == own["NO_PROXY"] == "intern,localhost,127.0.0.1,::1"


def test_what_has_no_effect_is_named_without_its_value() -> None:
    assert without_effect(FOREIGN | {"MLFLOW_TRACKING_URI": "http://models"}) == [
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
        "DBT_FULL_REFRESH",
        "GX_CLOUD_ACCESS_TOKEN",
        "MLFLOW_REGISTRY_URI",
    ]


def test_a_command_says_once_what_has_no_effect_and_keeps_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FOREIGN.items():
        monkeypatch.setenv(name, value)
    result = started(tmp_path, "sql", "select 1")
    assert result.returncode == 1
    assert result.stderr.count("DBT_FULL_REFRESH") == 1 and "s3cret" not in result.stderr
    assert "nothing is published" in result.stderr
    assert list(tmp_path.iterdir()) == []


ENTER = """
from tradeline.surroundings import enter
enter()
print("not started again")
"""


def test_the_shells_question_for_completions_is_answered_as_it_is() -> None:
    environment = {"PYTHONPATH": str(PROJECT), "_TRADELINE_COMPLETE": "complete_bash", "DBT_FULL_REFRESH": "true"}
    done = subprocess.run([sys.executable, "-c", ENTER], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("not started again\n", "")


def test_completion_is_installed_for_the_users_own_shell_and_completes(tmp_path: Path) -> None:
    """As a user does it: install, open a new shell, press Tab after `tradeline gates w`."""
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TRADELINE_HOME": str(tmp_path / "home")}
    program = Path(sys.executable).with_name("tradeline")
    # The shell is found among the parents of the command, so it must be the nearest one.
    install = ["bash", "--norc", "-c", f"{program} --install-completion; exit $?"]
    subprocess.run(install, env=environment, capture_output=True, check=True)
    tab = f"source ~/.bashrc; COMP_WORDS=({program} gates w); COMP_CWORD=2; _tradeline_completion {program}"
    shell = ["bash", "--norc", "-c", f"{tab}; echo ${{COMPREPLY[@]}}"]
    done = subprocess.run(shell, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["waive", "withdraw"], done.stderr
    assert not (tmp_path / "home").exists()


def test_a_command_is_the_same_process_and_reads_what_it_is_given(tmp_path: Path) -> None:
    """`sql -` waits for its question: meanwhile it can be looked at."""
    environment = os.environ | {"TRADELINE_HOME": str(tmp_path), "DBT_FULL_REFRESH": "true", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "cli", "sql", "-"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        seen = psutil.Process(process.pid)
        while "tradeline-surroundings" not in seen.cmdline():
            time.sleep(0.01)
        assert "DBT_FULL_REFRESH" not in seen.environ() and "OMP_NUM_THREADS" not in seen.environ()
        assert seen.environ()["TRADELINE_HOME"] == str(tmp_path)
        _, told = process.communicate(b"select 1")
    assert process.returncode == 1 and b"nothing is published" in told


def test_a_step_in_a_process_of_somebody_else_has_surroundings_of_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "3")
    monkeypatch.setenv("DBT_FULL_REFRESH", "true")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError), own_surroundings(settings.home):
        assert "DBT_FULL_REFRESH" not in os.environ and "PYTEST_CURRENT_TEST" not in os.environ
        assert os.environ["AIRFLOW__CORE__PARALLELISM"] == "3"
        assert time.tzname[0] == "UTC"
        raise ZeroDivisionError
    assert dict(os.environ) == before and time.tzname[0] == "CST"
    monkeypatch.undo()
    time.tzset()
