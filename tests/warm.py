"""A process that has imported the command line's libraries; commands that tests call are forks of it.

Our own modules are imported by each command for itself, in the order in which it asks for them. A line of JSON on
stdin asks for a command and is answered by a line with its exit code; the process ends with the one that started it.
"""

import json
import os
import runpy
import sys
import time
from importlib import import_module
from typing import Any

LIBRARIES = (
    "duckdb", "jinja2", "numpy", "pandas", "pyarrow.compute", "pydantic", "rich.console", "rich.table",
    "scipy.stats", "sklearn.metrics", "typer", "xgboost", "yaml",
)  # fmt: skip


def serve() -> None:
    """Answer until stdin ends."""
    for name in LIBRARIES:
        import_module(name)
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _become(request: dict[str, Any]) -> None:
    """Run the command, which leaves by ``os._exit``, as a process that was started for it would."""
    for number, path in enumerate((os.devnull, request["stdout"], request["stderr"])):
        os.dup2(os.open(path, os.O_RDWR), number)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    sys.argv = ["cli", *request["arguments"]]
    try:
        runpy.run_module("cli", run_name="__main__")
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    serve()
