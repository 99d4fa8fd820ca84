"""Stopping processes with everything that they have started."""

import subprocess
import sys
import time

import psutil

from cli.airflow.processes import Process, stop

# Ignores being asked to end, and starts a child in a process group of its own, as Airflow's tasks are.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_stubborn_process_and_its_child_are_gone() -> None:
    service = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert service.stdout
    child = Process.of(int(service.stdout.readline()))
    own = Process.of(service.pid)
    stop([own], patience_seconds=1)
    assert not own.is_running and not child.is_running


def test_another_process_with_the_same_id_is_left_alone() -> None:
    service = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    stop([Process(service.pid, time.time() - 10_000)], patience_seconds=1)
    assert psutil.pid_exists(service.pid) and service.poll() is None
    service.kill()
    service.wait()
