"""The journal of steps."""

import logging
from datetime import date
from multiprocessing import get_context

import pytest

from tradeline.errors import Damaged, GateFailed
from tradeline.journal import journal_file, journaled, read_journal
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


def test_a_journal_that_cannot_be_written_hides_no_failure(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    journal_file(settings).mkdir(parents=True)
    with pytest.raises(GateFailed, match="two expectations"), journaled(settings, "run-1", "score", [NIGHT]):
        raise GateFailed("two expectations failed")
    assert "score: failed, which the journal does not have" in caplog.text
    told = rf"{journal_file(settings)} cannot be used \(Is a directory\): restore it"
    with pytest.raises(Damaged, match=told), journaled(settings, "run-1", "score", [NIGHT]):
        pass


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


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\r", "\n"])
def test_what_unicode_calls_the_end_of_a_line_breaks_none(settings: Settings, separator: str) -> None:
    with journaled(settings, "run-1", "score", [NIGHT]) as outcome:
        outcome.message = f"before{separator}after"
    assert [entry.message for entry in read_journal(settings)] == [f"before{separator}after"]


def test_a_name_that_is_not_utf8_can_be_told(settings: Settings) -> None:
    with journaled(settings, "run-1", "score", [NIGHT]) as outcome:
        outcome.message = b"orders-\xff.csv".decode("utf-8", "surrogateescape")
    assert [entry.message for entry in read_journal(settings)] == [r"orders-\xff.csv"]


def test_a_torn_or_damaged_line_costs_no_other(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    for run_id in ("run-1", "run-2"):
        with journaled(settings, run_id, "score", [NIGHT]):
            pass
        with journal_file(settings).open("ab") as journal:
            journal.write(b'{"ended_at": "2018-05-0\xff')
    with journaled(settings, "run-3", "score", [NIGHT]):
        pass
    assert [entry.run_id for entry in read_journal(settings)] == ["run-1", "run-2", "run-3"]
    assert f"{journal_file(settings)}, line 2 is damaged" in caplog.text and "line 4 is damaged" in caplog.text
