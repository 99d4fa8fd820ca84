"""A real object store that speaks as S3 does, moto's server, in a process of its own."""

import itertools
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

import pytest

from tradeline.settings import PROJECT

SERVER = PROJECT / ".venv" / "stores" / "bin" / "python"
NUMBERS = itertools.count(1)


@contextmanager
def s3() -> Iterator[str]:
    """The address of the server; without one installed, the test is skipped."""
    if not SERVER.exists():
        pytest.skip("`make test` installs the object store")
    with socket.socket() as unbound, tempfile.TemporaryFile() as log:
        unbound.bind(("127.0.0.1", 0))
        port = str(unbound.getsockname()[1])
        unbound.close()
        server = subprocess.Popen(
            [SERVER, "-m", "moto.server", "-H", "127.0.0.1", "-p", port], cwd="/", stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def bucket(server: str, patch: pytest.MonkeyPatch) -> str:
    """The name of a bucket made anew; the variables of the shell by which S3's clients find it are set."""
    name = f"bucket-{next(NUMBERS)}"
    given = {
        "AWS_ENDPOINT_URL": server,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }
    for variable, value in given.items():
        patch.setenv(variable, value)
    with urllib.request.urlopen(urllib.request.Request(f"{server}/{name}", method="PUT"), timeout=30):
        return name


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            assert server.poll() is None, "the object store has ended"
            time.sleep(0.1)
    raise AssertionError("the object store did not answer within 60 s")
