"""What ``tradeline simulate`` does: the market itself, a bad day in it, a page about it."""

import logging
from datetime import date, timedelta

from tradeline.errors import BadInput
from tradeline.settings import Settings
from tradeline.side_work import never_stops

log = logging.getLogger(__name__)

REPORT = "market.html"


def run_simulation(
    settings: Settings,
    numbers: dict[str, int],
    until: date | None = None,
    fault: str | None = None,
    on: date | None = None,
    *,
    has_report: bool = False,
) -> None:
    """Simulate or take further the home's market, then spoil a night, then write the report, as asked.

    ``numbers``: sellers, days and seed where given. A market that is there up to ``until`` is simulated again, which
    mends its nights, unless a fault is asked for.

    Raises:
        BadInput: the numbers make no market, the home holds another, or there is no such fault or night.
    """
    from simulator.market import is_there, market_of
    from simulator.simulate import simulate

    if (fault is None) != (on is None):
        raise BadInput("--fault and --on go together: which fault, and in which night")
    market = market_of(settings, numbers, until)
    if fault is None or not is_there(settings, market):
        simulate(settings, market)
    if fault is not None and on is not None:
        _spoil(settings, fault, on)
    if has_report:
        _report(settings)


def _spoil(settings: Settings, fault: str, on: date) -> None:
    from simulator.faults import inject

    report = inject(settings, fault, on)
    log.info("%s: %s %s files written, %s removed", on, report.kind.does, len(report.written), len(report.removed))
    for expected in report.kind.expected:
        log.info("expected of `tradeline run --as-of %s`: %s", on + timedelta(days=expected.days_later), expected)
    log.info("`tradeline simulate` mends the night")


def _report(settings: Settings) -> None:
    """What has been simulated stays, whatever becomes of the page."""
    from simulator.market import truth_folder
    from simulator.report import write_report

    with never_stops(settings, "simulate", "market report", "`tradeline simulate --report` makes it"):
        page = write_report(settings, settings.reports / REPORT, truth_folder(settings))
        log.info("open %s", page)
