"""A dbt command on Spark, as the steps of a run ask for it."""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tradeline.checked import yaml_of
from tradeline.engines.invoke import BuiltTable, DbtNode, Invocation, Outcome
from tradeline.engines.spark.handed import hand_over
from tradeline.engines.spark.needed import check_needed, packages
from tradeline.engines.spark.shown import ShownTable, show
from tradeline.errors import TradelineError
from tradeline.kept_manifest import DBT_PROJECT
from tradeline.progress import Tell
from tradeline.settings import PROJECT, Settings

PATTERNS = "*?[]{}\\"


def run_on_spark(settings: Settings, invocation: Invocation, tell: Tell) -> Outcome:
    """Give Spark what dbt reads, run the command there, and show what it has made.

    Raises:
        TradelineError: Spark did not start, or ended in the middle; the message says where its log is.
    """
    check_spark(settings)
    folder = spark_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    handed = hand_over(settings, folder, invocation.variables)
    request = {
        "folder": str(folder),
        "settings": session_settings(settings),
        "tables": [asdict(table) for table in handed],
        "command": invocation.command,
        "variables": invocation.variables | {"spark_folder": str(folder)},
        "target": str(invocation.target),
        "manifests": str(invocation.manifests),
    }
    answer = _ask(request, invocation.target / "spark.log", tell)
    show(settings, [ShownTable(**table) for table in answer["shown"]])
    return Outcome(
        [DbtNode(**node) for node in answer["nodes"]],
        [BuiltTable(**table) for table in answer["tables"]],
        answer["is_success"],
        answer["exception"],
    )


def check_spark(settings: Settings) -> None:
    """Make sure that a session can start, so that a run which needs one does not begin in vain.

    Raises:
        TradelineError: something is missing; the message says what.
    """
    if signs := sorted(set(str(spark_folder(settings))) & set(PATTERNS)):
        where = f"{' '.join(signs)} in the path {spark_folder(settings)}"
        raise TradelineError(f"Spark takes {where} for a pattern: give the home another name")
    check_needed(session_settings(settings)["spark.master"])


def spark_folder(settings: Settings) -> Path:
    """Where a home keeps Spark's tables and their metastore."""
    return settings.warehouse.parent / "spark"


def session_settings(settings: Settings) -> dict[str, str]:
    """What the session is started with, by Spark's own names: what dbt's profile says, and over it the deployment's."""
    outputs: dict[str, Any] = yaml_of(DBT_PROJECT / "profiles.yml")["tradeline"]["outputs"]
    shipped = outputs["spark"]["server_side_parameters"]
    folder = str(spark_folder(settings))
    own = {name: str(value).replace("{{ var('spark_folder') }}", folder) for name, value in shipped.items()}
    return own | {"spark.master": f"local[{settings.threads}]"} | settings.spark


def _ask(request: dict[str, Any], log: Path, tell: Tell) -> dict[str, Any]:
    """The process's last line; those before it say how far it is. It ends when this one does, whatever ends it."""
    answers, asked = os.pipe()
    command = [sys.executable, "-m", "tradeline.engines.spark.process", str(asked)]
    with log.open("a", encoding="utf-8") as output, os.fdopen(answers, encoding="utf-8") as lines:
        begun_at = output.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, pass_fds=[asked], text=True,
            cwd=request["folder"], env=_environment(request["settings"]["spark.master"]),
        )  # fmt: skip
        os.close(asked)
        assert process.stdin
        answer: dict[str, Any] = {}
        with process, suppress(BrokenPipeError), process.stdin as asking:
            asking.write(json.dumps(request) + "\n")
            asking.flush()
            for line in lines:
                answer = json.loads(line)
                if "done" in answer:
                    tell(answer["done"], answer["total"], answer["part"])
            process.wait()
    if "error" in answer:
        raise TradelineError(answer["error"])
    if "nodes" not in answer:
        raise TradelineError(
            f"Spark ended early, {_end_told(process.returncode)}: {_last_words(log, begun_at)}; see {log}"
        )
    return answer


def _environment(master: str) -> dict[str, str]:
    """That of this process, and where Spark's packages are; a session on this machine alone speaks to nobody else."""
    found = os.environ | {"PYTHONPATH": os.pathsep.join([str(PROJECT), *packages()]), "PYSPARK_PYTHON": sys.executable}
    return found | ({"SPARK_LOCAL_IP": "127.0.0.1"} if master.startswith("local") else {})


def _end_told(code: int) -> str:
    return f"with exit code {code}" if code >= 0 else f"killed by signal {-code}, as where memory runs out"


def _last_words(log: Path, begun_at: int) -> str:
    """The first error that the process told; where it told none, what it said last."""
    said = log.read_bytes()[begun_at:].decode("utf-8", errors="replace")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = (line for line in lines if re.search(r"(Error|Exception|ERROR \w+): \S|Exception in thread", line))
    return next(errors, lines[-1] if lines else "it said nothing")
