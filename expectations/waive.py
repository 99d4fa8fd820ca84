"""Waiving: what a gate stopped at is let through on a person's word, if it happened and does not guard structure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from expectations.report import FaultyNight, GateReport, kept_reports, waive_command
from expectations.suite import SuiteEntry, gate_of, load_suite
from expectations.waivers import Waiver, add_word, read_waivers
from tradeline.errors import BadInput
from tradeline.settings import Settings


def plan_waiver(settings: Settings, as_of: date, expectation: str, reason: str, by: str) -> Waiver:
    """The waiver that this would be, of the data that the gate checked last; nothing is kept yet.

    One that stands already for this very data is returned as it is.

    Raises:
        BadInput: the expectation is unknown or guards structure, no gate stopped at it for this night, or no reason or
            no person is given; the message says what can be waived.
        TradelineError: the file of waivers is damaged.
    """
    refuse_empty(reason=reason, by=by)
    _refuse_structure(settings, expectation, as_of)
    fault = _fault(settings, as_of, expectation)
    # Something may have been said since the gate ran.
    fault = replace(fault, word=read_waivers(settings).on(expectation, as_of, fault.fingerprint))
    if fault.is_waived and fault.word:
        return fault.word
    return Waiver(
        status="waived",
        expectation=expectation,
        as_of=as_of,
        fingerprint=str(fault.fingerprint),
        by=by,
        at=datetime.now(UTC).replace(microsecond=0),
        reason=reason,
    )


def waive(settings: Settings, as_of: date, expectation: str, reason: str, by: str) -> Waiver:
    """Keep a person's word, so that the gate lets this night's very data through when it is run again.

    Raises:
        BadInput, TradelineError: as ``plan_waiver``.
    """
    waiver = plan_waiver(settings, as_of, expectation, reason, by)
    if waiver not in read_waivers(settings).last:
        add_word(settings, waiver)
    return waiver


def plan_withdrawal(settings: Settings, as_of: date, expectation: str, reason: str, by: str) -> list[Waiver]:
    """The words that withdraw what stands for this expectation and night; nothing is kept yet.

    Raises:
        BadInput: nothing stands, or no reason is given.
        TradelineError: the file of waivers is damaged.
    """
    refuse_empty(reason=reason, by=by)
    standing = [
        word
        for word in read_waivers(settings).last
        if (word.status, word.expectation, word.as_of) == ("waived", expectation, as_of)
    ]
    if not standing:
        raise BadInput(f"no waiver of {expectation} stands for {as_of}: `tradeline gates list` shows those that do")
    said = {"status": "withdrawn", "by": by, "reason": reason, "at": datetime.now(UTC).replace(microsecond=0)}
    return [Waiver.model_validate(word.model_dump() | said) for word in standing]


def withdraw(settings: Settings, as_of: date, expectation: str, reason: str, by: str) -> list[Waiver]:
    """Take back what stands; the gate stops at this data again. What has gone through meanwhile stays.

    Raises:
        BadInput, TradelineError: as ``plan_withdrawal``.
    """
    words = plan_withdrawal(settings, as_of, expectation, reason, by)
    for word in words:
        add_word(settings, word)
    return words


def last_reports(settings: Settings, as_of: date) -> Iterator[GateReport]:
    """Of each gate the last report on the night."""
    gates: set[str] = set()
    for report in kept_reports(settings):
        if as_of in report.judged and report.gate not in gates:
            gates.add(report.gate)
            yield report


def refuse_empty(**texts: str) -> None:
    """Refuse what a person says if it says nothing.

    Raises:
        BadInput: a text has no letter or digit, or is more than one line.
    """
    for name, text in texts.items():
        if not any(char.isalnum() for char in text):
            raise BadInput(f"{name}: {text!r} says nothing; it is kept beside the night for whoever asks later")
        if not text.isprintable():
            raise BadInput(f"{name}: {text!r} is more than one line of text; write it in one")


def _refuse_structure(settings: Settings, expectation: str, as_of: date) -> None:
    entry = _entry(expectation)
    if entry is None:
        raise BadInput(f"{expectation}: no hard expectation has this name. {_what_failed(settings, as_of)}")
    if entry.severity == "soft":
        raise BadInput(f"{expectation} is soft: it only warns and stops nothing, so there is nothing to waive")
    if not entry.is_waivable:
        raise BadInput(f"{expectation} guards structure, so nobody can waive it. {entry.why} {entry.remedy}")


def _entry(expectation: str) -> SuiteEntry | None:
    gate = gate_of(expectation)
    placed = [placed for suite in load_suite(gate) for placed in suite.entries if placed.name] if gate else []
    # Of an entry for many columns, each column is an expectation of its own, `<name>.<column>`.
    column = expectation.rpartition(".")[2]
    return next((each.entry for each in placed if expectation in (each.name, f"{each.name}.{column}")), None)


def _fault(settings: Settings, as_of: date, expectation: str) -> FaultyNight:
    """What the last report on the night says of it."""
    for report in last_reports(settings, as_of):
        for result in report.results:
            if result.name != expectation or result.is_met:
                continue
            for fault in result.faulty_nights:
                if fault.night == as_of and fault.fingerprint:
                    return fault
    raise BadInput(
        f"{expectation} did not stop {as_of} when its gate last checked that night, and only what has failed can be "
        f"waived. {_what_failed(settings, as_of)}"
    )


def _what_failed(settings: Settings, as_of: date) -> str:
    reports = list(last_reports(settings, as_of))
    failed = [result for report in reports for result in report.unmet("hard")]
    commands = [
        f"`{waive_command(str(result.name), night)}`" for result in failed for night, _ in result.waivable_nights
    ]
    structure = [str(result.name) for result in failed if not result.is_waivable]
    if not reports:
        return f"No gate has checked {as_of} yet: `tradeline run --as-of {as_of}` runs them"
    can = f"What can be waived: {', '.join(commands)}" if commands else f"Nothing of {as_of} waits for a waiver"
    return can + (f"; what guards structure cannot: {', '.join(structure)}" if structure else "")
