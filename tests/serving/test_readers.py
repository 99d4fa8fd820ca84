"""Readers in other processes while publications happen, and while they are killed."""

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from serving.publish import publish
from serving.query import query
from tests.serving.built import build_night, remark
from tests.serving.reader import look
from tradeline.contracts.publications import COLUMNS, marts_file, read_publications, verified
from tradeline.settings import PROJECT, Settings

pytestmark = pytest.mark.slow


NIGHT = date(2018, 8, 31)
FILE_EVENTS = {"os.mkdir", "os.chmod", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}


def test_readers_see_every_version_whole_while_20_publications_happen(settings: Settings, tmp_path: Path) -> None:
    build_night(settings, NIGHT, "run-0", sellers=100, mark=0)
    publish(settings, [NIGHT], "run-0")
    done = tmp_path / "done"
    reader = [sys.executable, "-m", "tests.serving.reader", str(marts_file(settings)), str(done)]
    with subprocess.Popen(reader, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        for number in range(1, 21):
            # Every other publication is a new night, the ones between replace a night.
            as_of, run_id = NIGHT + timedelta(days=number // 2), f"run-{number}"
            remark(settings, as_of, run_id, number)
            publish(settings, [as_of], run_id)
        done.touch()
        answer, _ = process.communicate(timeout=60)
    report = json.loads(answer)
    assert report["errors"] == []
    marks = [version[2] for version in report["seen"]]
    assert marks == sorted(set(marks)), "a reader went back to an older version"
    assert len(marks) > 10
    assert look(marts_file(settings))[2] == 20


def publish_until_killed(settings: Settings, run_id: str, at_event: int) -> None:
    """Publish, and die just before the process changes the file system for the ``at_event``-th time."""
    count = 0

    def hook(event: str, _: object) -> None:
        nonlocal count
        if event in FILE_EVENTS:
            count += 1
            if count == at_event:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    publish(settings, [NIGHT], run_id)


def check_whole(settings: Settings, allowed_marks: set[int | None]) -> int | None:
    """What readers see is one of the allowed versions, whole, and all that its manifest names is there."""
    if not marts_file(settings).exists():
        assert None in allowed_marks
        return None
    mark = look(marts_file(settings))[2]
    assert mark in allowed_marks
    for publication in read_publications(settings):
        for kept in publication.tables:
            verified(settings, kept)
    assert query(settings, "select distinct score from history.credit_scores").rows == [(mark,)]
    return mark  # type: ignore[return-value]


def manifests(settings: Settings) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    columns = ", ".join(COLUMNS)
    with duckdb.connect() as connection:
        kept = connection.execute(f"select {columns} from '{settings.published}/publications.parquet' order by all")
        return kept.fetchall(), query(settings, f"select {columns} from publications order by all").rows


@pytest.mark.parametrize("previous", [None, "another-run", "same-run"])
def test_a_publication_that_is_killed_leaves_a_whole_version(settings: Settings, previous: str | None) -> None:
    before = None
    if previous:
        before = 1
        build_night(settings, NIGHT, previous, mark=before)
        publish(settings, [NIGHT], previous)
    build_night(settings, NIGHT, "same-run", mark=2)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.serving.test_readers"])
    marks: list[int | None] = []
    for at_event in range(1, 100):
        child = context.Process(target=publish_until_killed, args=(settings, "same-run", at_event))
        child.start()
        child.join()
        marks.append(check_whole(settings, {before, 2}))
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        if previous is None:  # each attempt is the first of its home
            shutil.rmtree(settings.published, ignore_errors=True)
    assert child.exitcode == 0, "it never got through"
    # Killed before and after the commit; what was committed stays.
    assert marks.index(2) > 8 and marks[marks.index(2) :] == [2] * (len(marks) - marks.index(2)) != [2]
    in_parquet, in_file = manifests(settings)
    assert in_parquet == in_file
    assert not (settings.published / ".aside").exists()


def test_a_publication_that_is_killed_at_any_moment_leaves_a_whole_version(settings: Settings) -> None:
    build_night(settings, NIGHT, "run-0", mark=0)
    publish(settings, [NIGHT], "run-0")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.serving.test_readers"])
    chance = random.Random(20180831)
    before = 0
    for number in range(1, 13):
        remark(settings, NIGHT, f"run-{number}", number)
        child = context.Process(target=publish, args=(settings, [NIGHT], f"run-{number}"))
        child.start()
        time.sleep(chance.uniform(0.02, 0.4))
        child.kill()
        child.join()
        seen = check_whole(settings, {before, number})
        assert seen is not None
        before = seen
    publish(settings, [NIGHT], "run-12")
    assert check_whole(settings, {12}) == 12
