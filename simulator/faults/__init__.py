"""Bad days on demand: named faults put into a landed night, and what the pipeline is expected to make of each."""

from simulator.faults.inject import FaultReport, inject, mend
from simulator.faults.kinds import KINDS, Expected, Kind

__all__ = ["KINDS", "Expected", "FaultReport", "Kind", "inject", "mend"]
