"""The stages of one ``tradeline run``, cut out of what it leaves behind: journal, log and dbt's results."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tradeline.journal import Entry
from tradeline.settings import Settings

# Steps of the journal as a reader of the table would say them; what is missing here takes no time worth a line.
TITLES = {
    "raw_gate": "admission",
    "build_marts": "load",
    "features_out": "gate of the features",
    "training_set": "training set",
    "train": "training",
    "promote": "promotion",
    "score": "scoring",
    "scores_out": "gate of the scores",
    "decide": "decision",
    "offers_out": "gate of the offers",
    "publish": "publication",
}
STARTS = re.compile(r"^\d\d:\d\d:\d\d  (\w+): starts,", re.MULTILINE)
LOADED = re.compile(r"  loaded [\d,]+ nights .*, ([\d.]+) s$", re.MULTILINE)
RAW_GATE = re.compile(r"  raw_in: [\d,]+ expectations .*, ([\d.]+) s$", re.MULTILINE)


# A model that takes less is no line of its own.
SHOWN_SECONDS = 0.3

Span = tuple[float, float]


@dataclass(frozen=True)
class Stage:
    """A part of a run's time, in one span or several; moments are seconds since 1970.

    ``is_of_rows``: its work is in raw rows. ``note``: why there was nothing to do, or whether
    the new model serves: without one, scoring and decision have little to do. ``parts``: the same time by name.
    """

    title: str
    spans: tuple[Span, ...]
    is_of_rows: bool = False
    note: str = ""
    parts: tuple["Stage", ...] = ()

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(ended_at - started_at for started_at, ended_at in self.spans)


def stage_under_way(log: str, ended: list[Entry]) -> str | None:
    """The title of the step that the log has seen starting and the journal not yet ending."""
    started = STARTS.findall(log)
    announced = [entry for entry in ended if entry.as_ofs]  # the others start without a word
    return TITLES.get(started[-1]) if len(started) > len(announced) else None


def stages_of(settings: Settings, entry: Entry, log: str) -> Iterator[Stage]:
    """The stages of one step that has ended, in order; they take up all of its time."""
    ended_at = datetime.fromisoformat(entry.ended_at).timestamp()
    started_at = ended_at - entry.seconds
    if entry.step == "raw_gate" and entry.status == "done":
        gate_at = ended_at - _reported(RAW_GATE, log)
        yield Stage("admission", ((started_at, gate_at),), is_of_rows=True)
        yield Stage("gate of the raw rows", ((gate_at, ended_at),))
    elif entry.step == "build_marts":
        nodes = _dbt_nodes(settings, entry.run_id, ended_at)
        dbt_at = min(begun_at for begun_at, _ in nodes.values())
        loaded_at = min(started_at + _reported(LOADED, log), dbt_at)
        yield Stage("load", ((started_at, loaded_at),), is_of_rows=True)
        yield Stage("dbt's start", ((loaded_at, dbt_at),))
        partials = {name: span for name, span in nodes.items() if name.startswith("int_")}
        yield _together("partials", partials, is_of_rows=True)
        yield _together("features", {name: span for name, span in nodes.items() if name not in partials})
    elif entry.step in TITLES:
        note = entry.message if entry.status == "skipped" or entry.step == "promote" else ""
        yield Stage(TITLES[entry.step], ((started_at, ended_at),), note=note)


def _together(title: str, nodes: dict[str, Span], is_of_rows: bool = False) -> Stage:
    """Several of dbt's nodes as one stage, those that take long by name too, the longest first."""
    parts = sorted((Stage(name, (span,)) for name, span in nodes.items()), key=lambda part: -part.seconds)
    long = tuple(part for part in parts if part.seconds >= SHOWN_SECONDS)
    return Stage(title, tuple(nodes.values()), is_of_rows, parts=long)


def _reported(line: re.Pattern[str], log: str) -> float:
    """The seconds in the last such line of the log.

    Raises:
        SystemExit: the log words it differently now, and the parts of the step cannot be separated.
    """
    found = line.findall(log)
    if not found:
        raise SystemExit(f"no line of the run's log matches {line.pattern!r}: has its wording changed?")
    return float(found[-1])


def _dbt_nodes(settings: Settings, run_id: str, ended_at: float) -> dict[str, Span]:
    """When each of dbt's nodes had its turn; one after another, because dbt's profile has one thread."""
    results = json.loads((settings.warehouse.parent / "dbt" / run_id / "run_results.json").read_text())
    begun = sorted(
        (datetime.fromisoformat(node["timing"][0]["started_at"]).timestamp(), node["unique_id"].split(".")[2])
        for node in results["results"]
        if node["timing"]
    )
    ends = [begun_at for begun_at, _ in begun[1:]] + [ended_at]
    return {name: (begun_at, end) for (begun_at, name), end in zip(begun, ends, strict=True)}
