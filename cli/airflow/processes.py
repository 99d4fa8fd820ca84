"""Processes that outlive a call: known by id and start time, stopped with everything that they have started."""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Process:
    """A process by its id, and when it started, so that another one that got the same id later is not taken for it."""

    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> "Process":
        """The process that has this id now."""
        return cls(pid, psutil.Process(pid).create_time())

    @property
    def is_running(self) -> bool:
        """Whether it still runs."""
        found = self._found()
        return found is not None and found.is_running() and found.status() != psutil.STATUS_ZOMBIE

    @property
    def is_replaced(self) -> bool:
        """Whether another process has its id now."""
        return psutil.pid_exists(self.pid) and self._found() is None

    def _found(self) -> psutil.Process | None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            return process if abs(process.create_time() - self.started_at) < 1 else None
        return None


def stop(services: list[Process], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Ask the leaders of sessions to end; end what of their sessions (workers, tasks) is there after a while."""
    for service in services:
        _signal(service, signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience_seconds
        while (members := _members(services)) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in members:
            _signal(process, number)
    while _members(services):
        time.sleep(0.05)


def _members(services: list[Process]) -> list[Process]:
    """Every process of the services' sessions that still runs."""
    for service in services:
        with suppress(ChildProcessError):
            os.waitpid(service.pid, os.WNOHANG)
    # While a session has members, no other process gets its leader's id.
    sessions = {service.pid for service in services if not service.is_replaced}
    found = []
    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError, psutil.Error):
            if os.getsid(pid) in sessions:
                found.append(Process.of(pid))
    return [process for process in found if process.is_running]


def _signal(process: Process, number: signal.Signals) -> None:
    if process.is_running:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
