"""What a night costs that brings little: the fixed costs of ``tradeline run``, of ``--help`` and of ``status``.

A small market is simulated and built up to the last nights but two; a model serves. Then comes one night by
``tradeline run``, each stage of it in seconds, and with ``--airflow`` the next by a real Airflow, from the trigger of
``seller_marts`` to the end of ``loan_eligibility``. Processor seconds are of the command and all that it starts; they
say more than the clock where other programs keep the machine busy.

    python -m benchmarks.small_night
    python -m benchmarks.small_night --airflow
    python -m benchmarks.small_night --home H --airflow    # a copy of your own home with two nights left to build
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.market import UNTIL
from benchmarks.runs import PROGRAM, landed_rows, run_command, run_night
from benchmarks.table import StageTable
from cli.airflow.services import running_services
from cli.airflow.watch import wait_for, wait_for_next
from ingest.plan import plan_nights
from tradeline.settings import Settings

TRIES = 3


def main() -> None:
    """Run everything in a home that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sellers", type=int, default=2000)
    parser.add_argument("--days", type=int, default=400, help="nights of history; two of them are the ones measured")
    parser.add_argument("--home", type=Path, help="a home to copy instead of a simulation")
    parser.add_argument("--airflow", action="store_true", help="one night more by a real Airflow")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tradeline-bench-") as name:
        folder = Path(name)
        settings = Settings(home=folder / "home")
        table = StageTable()
        if asked.home:
            shutil.copytree(asked.home, settings.home)
        else:
            _simulate(table, settings, folder, asked.sellers, asked.days)
        by_run, by_airflow, *_ = _nights_to_build(settings)
        print(f"the night of {by_run} by `tradeline run`")
        rows = landed_rows(settings).rows[by_run]
        _told_processor("the whole command", lambda: run_night(table, settings, folder, by_run, rows))
        for arguments in (["--help"], ["status"]):
            _command(settings, *arguments)
        if asked.airflow:
            _by_airflow(settings, by_airflow)


def _simulate(table: StageTable, settings: Settings, folder: Path, sellers: int, days: int) -> None:
    market = ("--sellers", str(sellers), "--days", str(days), "--until", str(UNTIL))
    run_command(table, settings, folder, "simulate", "simulate", *market)
    before = sorted(landed_rows(settings).rows)[-3]
    run_command(table, settings, folder, f"all nights up to {before}", "run", "--as-of", str(before))


def _nights_to_build(settings: Settings) -> list[date]:
    """The nights that have landed and are not built.

    Raises:
        SystemExit: there are fewer than two.
    """
    plan = plan_nights(settings, max(landed_rows(settings).rows))
    nights = plan.nights if plan else []
    if len(nights) < 2:
        raise SystemExit(f"{settings.home} has {len(nights)} nights to build: land two nights more")
    return nights


def _command(settings: Settings, *arguments: str) -> None:
    """The best of some tries, since a start is over before the machine is quiet."""

    def once() -> float:
        started = time.perf_counter()
        environment = os.environ | {"TRADELINE_HOME": str(settings.home)}
        subprocess.run([PROGRAM, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    tries = []
    for _ in range(TRIES):
        before = _processor_seconds()
        tries.append((once(), _processor_seconds() - before))
    seconds, processor = (min(each) for each in zip(*tries, strict=True))
    print(f"tradeline {' '.join(arguments)}: {seconds:.2f} s, {processor:.2f} s of processor, best of {TRIES}")


def _told_processor(what: str, work: Callable[[], object]) -> None:
    before = _processor_seconds()
    work()
    print(f"{what}: {_processor_seconds() - before:.1f} s of processor")


def _processor_seconds() -> float:
    """User and system seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _by_airflow(settings: Settings, as_of: date) -> None:
    print(f"the night of {as_of} by Airflow", flush=True)
    with running_services(settings) as api:
        known = {run["dag_run_id"] for run in api.runs("loan_eligibility")}
        started = time.perf_counter()
        runs = [("seller_marts", api.trigger("seller_marts", as_of=as_of.isoformat()))]
        wait_for(api, *runs[0])
        runs.append(("loan_eligibility", wait_for_next(api, "loan_eligibility", known)))
        wait_for(api, *runs[1])
        seconds = time.perf_counter() - started
        tasks = [(dag_id, task) for dag_id, run_id in runs for task in api.tasks(dag_id, run_id)]
    for dag_id, task in sorted(tasks, key=lambda each: each[1]["start_date"]):
        print(f"  {dag_id}.{task['task_id']:<20} {task['duration']:>6.1f} s from {task['start_date'][11:23]}")
    at_work = sum(task["duration"] for _, task in tasks)
    print(f"from trigger to publication: {seconds:.1f} s, of which {at_work:.1f} s in tasks", flush=True)


if __name__ == "__main__":
    main()
