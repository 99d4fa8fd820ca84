"""Real PostgreSQL and MariaDB servers from the system's packages, each on a socket in a folder that is thrown away."""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pymysql

NUMBERS = itertools.count(1)


class NotInstalled(Exception):
    """The system does not have the server; the message names its packages."""

    def __init__(self, server: str) -> None:
        packages = "apt install postgresql mariadb-server-core mariadb-client-core"
        super().__init__(f"{server} is not installed here; Debian: {packages}")


@contextmanager
def postgres() -> Iterator[str]:
    """The URL, but for the database, of a PostgreSQL.

    Raises:
        NotInstalled: there is none.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("pg_ctl") or (str(programs[-1] / "pg_ctl") if programs else None)
    if not found:
        raise NotInstalled("PostgreSQL")
    with _folder() as folder:
        program, data, as_owner = Path(found).parent, folder / "data", _owned(folder, "postgres")
        _run(
            *as_owner, program / "initdb", "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "postgres"
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        _run(*as_owner, found, "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield f"postgresql://postgres@/{{}}?host={folder}"
        finally:
            _run(*as_owner, found, "-D", data, "-m", "immediate", "-w", "stop")


@contextmanager
def mariadb() -> Iterator[str]:
    """The URL, but for the database, of a MariaDB.

    Raises:
        NotInstalled: there is none.
    """
    program = shutil.which("mariadbd")
    if not program:
        raise NotInstalled("MariaDB")
    with _folder() as folder:
        data, socket = folder / "data", folder / "s"
        user = ["--user=root"] if os.geteuid() == 0 else []
        _run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
             "--skip-test-db", *user)  # fmt: skip
        server = subprocess.Popen(
            [program, "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking", *user],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
        )
        try:
            _wait_for_mariadb(socket)
            yield f"mysql://root@localhost/{{}}?unix_socket={socket}"
        finally:
            server.terminate()
            server.wait(30)


def postgres_database(server: str) -> str:
    """The URL of a database made anew."""
    name = f"db_{next(NUMBERS)}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    return server.format(name)


def mariadb_database(server: str) -> str:
    """The URL of a database made anew."""
    name = f"db_{next(NUMBERS)}"
    with mariadb_client(Path(server.partition("unix_socket=")[2])) as cursor:
        cursor.execute(f"create database {name} character set utf8mb4")
    return server.format(name)


@contextmanager
def mariadb_client(socket: Path) -> Iterator[pymysql.cursors.Cursor]:
    """A cursor of the server's owner."""
    with pymysql.connect(unix_socket=str(socket), user="root") as connection, connection.cursor() as cursor:
        yield cursor


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that the user who runs a server may enter, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="tl-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _wait_for_mariadb(socket: Path) -> None:
    for _ in range(300):
        try:
            with mariadb_client(socket):
                return
        except pymysql.err.OperationalError:
            time.sleep(0.1)
    raise AssertionError("MariaDB did not answer within 30 s")


def _owned(folder: Path, user: str) -> list[str]:
    """The words before a command that must not run as root, and the folder given to who runs it."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, user)
    return ["runuser", "-u", user, "--"]


def _run(*command: object) -> None:
    # From the root folder: the user who runs a server may not be allowed where this runs.
    done = subprocess.run([str(word) for word in command], cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr or done.stdout
