"""Seconds and peak memory of a command and all of its children, as a whole or of a part of its time."""

import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

SAMPLE_SECONDS = 0.05
PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Cost:
    """What one command took: seconds by the wall's clock and by the processors', the largest resident memory in MB."""

    seconds: float
    peak_mb: float
    cpu_seconds: float = 0.0


class Watched:
    """A command that runs, its output in a log, its memory sampled by the clock; leaving the context ends it.

    ``begun_at``: seconds since 1970. ``seconds``: its wall-clock time, known once it has ended.
    """

    begun_at: float
    seconds: float

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.command, self.environment, self.log = command, environment, log

    def __enter__(self) -> Self:
        self.begun_at, self._started = time.time(), time.perf_counter()
        with self.log.open("w") as output:
            self._process = subprocess.Popen(
                self.command, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        self._samples: list[tuple[float, int, float]] = []  # moment, bytes, seconds of the processors so far
        self._cpu_seconds: dict[int, float] = {}
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            _end_tree(self._process.pid)
            self._process.wait()
        self.seconds = time.perf_counter() - self._started
        self._sampler.join()

    def is_running(self, wait_seconds: float) -> bool:
        """Whether the command still runs after at most ``wait_seconds``.

        Raises:
            SystemExit: it failed; the message shows the end of its output.
        """
        try:
            status = self._process.wait(wait_seconds)
        except subprocess.TimeoutExpired:
            return True
        if status != 0:
            tail = "\n".join(self.log.read_text().splitlines()[-20:])
            raise SystemExit(f"{' '.join(self.command)} ended with {status}:\n{tail}")
        return False

    def peak_mb(self, started_at: float = 0, ended_at: float = float("inf")) -> float:
        """The largest sample between two moments of the clock (seconds since 1970), or the one nearest to them."""
        samples = list(self._samples)
        within = [size for moment, size, _ in samples if started_at <= moment <= ended_at]
        if not within and samples:
            within = [min(samples, key=lambda sample: abs(sample[0] - started_at))[1]]
        return max(within, default=0) / 2**20

    @property
    def cpu_seconds(self) -> float:
        """Seconds that the processors spent in the command and its children, up to their last samples."""
        return self._cpu_by(float("inf"))

    @property
    def cost(self) -> Cost:
        """Of the whole command, once it has ended."""
        return Cost(self.seconds, self.peak_mb(), self.cpu_seconds)

    def cpu_between(self, started_at: float, ended_at: float) -> float:
        """Seconds that the processors spent between two moments of the clock, to a sample's precision."""
        return self._cpu_by(ended_at) - self._cpu_by(started_at)

    def _cpu_by(self, moment: float) -> float:
        return max((spent for at, _, spent in list(self._samples) if at <= moment), default=0.0)

    def _sample(self) -> None:
        try:
            parent = psutil.Process(self._process.pid)
            while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
                size = self._tree_bytes(parent)
                self._samples.append((time.time(), size, sum(self._cpu_seconds.values())))
                time.sleep(SAMPLE_SECONDS)
        except psutil.NoSuchProcess:
            return

    def _tree_bytes(self, parent: psutil.Process) -> int:
        total = 0
        for process in [parent, *parent.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
                times = process.cpu_times()
                self._cpu_seconds[process.pid] = times.user + times.system
        return total


def measure(command: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Run a command to its end, its output in ``log``.

    Raises:
        SystemExit: the command failed; the message shows the end of its output.
    """
    with Watched(command, environment, log) as watched:
        while watched.is_running(wait_seconds=60):
            pass
    return watched.cost


def _end_tree(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        processes = [parent, *parent.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(processes, PATIENCE_SECONDS)
        for process in alive:
            process.kill()
