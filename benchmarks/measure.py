"""Seconds and peak memory of a command and all of its children."""

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Cost:
    """What one command took: wall-clock seconds and the largest sum of resident memory, in MB."""

    seconds: float
    peak_mb: float


def measure(command: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Run a command to its end, its output in ``log``.

    Raises:
        SystemExit: the command failed; the message shows the end of its output.
    """
    started = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        peak = [0.0]
        watcher = threading.Thread(target=_watch, args=(process.pid, peak))
        watcher.start()
        status = process.wait()
        watcher.join()
    if status != 0:
        tail = "\n".join(log.read_text().splitlines()[-20:])
        raise SystemExit(f"{' '.join(command)} ended with {status}:\n{tail}")
    return Cost(time.perf_counter() - started, peak[0] / 2**20)


def _watch(pid: int, peak: list[float]) -> None:
    try:
        parent = psutil.Process(pid)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            peak[0] = max(peak[0], _tree_bytes(parent))
            time.sleep(SAMPLE_SECONDS)
    except psutil.NoSuchProcess:
        return


def _tree_bytes(parent: psutil.Process) -> float:
    total = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
