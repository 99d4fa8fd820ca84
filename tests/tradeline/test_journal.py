"""The journal of steps."""

import logging
from datetime import date
from multiprocessing import get_context

import pytest

from tradeline.errors import GateFailed
from tradeline.journal import journaled, read_journal
from tradeline.settings import Settings

NIGHT = date(2018, 5, 1)


def write_many(settings: Settings, name: str) -> None:
    for number in range(100):
        with journaled(settings, name, "score", [NIGHT]) as outcome:
            outcome.message = f"{number} " + "x" * 500


def test_a_step_leaves_what_it_did(settings: Settings) -> None:
    with journaled(settings, "run-1", "score", [NIGHT]) as outcome:
        outcome.message = "12 scores"
    with journaled(settings, "run-1", "raw_gate", [NIGHT]) as outcome:
        outcome.skip("nothing new")
    done, skipped = read_journal(settings)
    assert (done.run_id, done.step, done.status, done.as_ofs) == ("run-1", "score", "done", ["2018-05-01"])
    assert done.message == "12 scores" and done.seconds >= 0
    assert (skipped.status, skipped.message) == ("skipped", "nothing new")


def test_a_failure_is_kept_whole_and_goes_on(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with (
        caplog.at_level(logging.INFO),
        pytest.raises(GateFailed),
        journaled(settings, "run-1", "features_out", [NIGHT]),
    ):
        raise GateFailed("two expectations failed\n- the first")
    (failed,) = read_journal(settings)
    assert (failed.status, failed.message) == ("failed", "two expectations failed\n- the first")
    assert "features_out: failed after " in caplog.text


def test_an_unexpected_error_is_named(settings: Settings) -> None:
    with pytest.raises(KeyError), journaled(settings, "run-1", "score", []):
        raise KeyError("pd")
    assert read_journal(settings)[0].message == "KeyError: 'pd'"


def test_lines_of_several_processes_do_not_mix(settings: Settings) -> None:
    context = get_context("spawn")
    writers = [context.Process(target=write_many, args=(settings, f"run-{number}")) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(read_journal(settings)) == 300


def test_a_home_without_runs_has_an_empty_journal(settings: Settings) -> None:
    assert read_journal(settings) == []
