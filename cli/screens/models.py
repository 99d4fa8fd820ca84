"""Model versions on the terminal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.screens.tables import pairs, table
from ml.evaluation.evaluate import label_text
from ml.learning.algorithm import Algorithm
from ml.learning.calibrate import Calibration
from ml.promotion.compare import ComparedVersion, VersionComparison
from ml.promotion.listing import Line, Listing, Shown, Standing
from ml.promotion.promote import Promotion
from ml.registry.pointer import Serving
from ml.registry.store import algorithms_of
from ml.registry.version import ModelVersion
from tradeline.estimates import Estimate

LINE_HEADINGS = ("", "version (as of)", "label", "serves by", "trained on", "AUC", "evaluation", "decision")
EVALUATED = {"out_of_time": "out of time", "cross_validation": "cross-validated"}
DECISION_WIDTH_MIN = 25
GAP = 2
VALUE_SHOWN = 60
STYLES = {"champion": "green", "withdrawn": "yellow", "damaged": "red"}


def render_listing(listing: Listing, width: int) -> RenderableType:
    """A line for each version, or a few where ``width`` characters do not hold one; then what is damaged."""
    notes = [Text(listing.fault, style="red")] if listing.fault else []
    if not listing.versions:
        return Group(*notes, Text("no model is trained yet: run credit_model"))
    rows = [_cells(line) for line in listing.versions]
    decisions = [_standing(line.standing, is_brief=True) for line in listing.versions]
    room = width - sum(max(map(len, column)) + GAP for column in zip(LINE_HEADINGS, *rows, strict=False))
    if room >= DECISION_WIDTH_MIN:
        for decision in decisions:
            decision.truncate(room, overflow="ellipsis")
        lines = table(LINE_HEADINGS, [(*cells, decision) for cells, decision in zip(rows, decisions, strict=True)])
    else:
        lines = _blocks(rows, decisions)
    damaged = [line for line in listing.versions if line.standing.state == "damaged"]
    notes += [Text(f"{line.model_version} is damaged: {line.standing.why}", style="red") for line in damaged]
    return Group(lines, *notes, Text("* serves the latest nights", style="dim"))


def render_shown(shown: Shown) -> RenderableType:
    """Everything about one version."""
    version, found = shown.version, shown.version.evaluation
    families = Counter(feature.family for feature in version.features)
    calibration = version.calibration
    about = pairs(
        [
            ("version", version.model_version),
            ("standing", _standing(shown.standing)),
            (
                "trained",
                f"as of {version.trained_as_of} by run {version.run_id}, label {label_text(version.label_kind)}",
            ),
            ("from", f"{version.training_set}, SHA-256 {version.data_fingerprint[:12]}..."),
            ("features", f"{len(version.features)}: {_listed(dict(sorted(families.items())))}"),
            ("serves", f"{version.algorithm}: {version.choice.reason}"),
            *((each.title, _settings(version, each)) for each in algorithms_of(version).values()),
            ("calibration", _calibration(calibration)),
            ("code", version.code_version),
            ("score", _listed(version.score.model_dump())),
            ("reasons", _listed(version.reasons.model_dump())),
            ("libraries", _listed(version.libraries)),
        ]
    )
    level = (
        f"Evaluated {EVALUATED[version.judged_by]}: {found.rows:,} rows of {found.sellers:,} sellers, "
        f"{found.base_rate:.1%} bad, mean pd {found.mean_pd:.1%}"
    )
    parts: list[RenderableType] = [about, _split(version), Text(level), _metrics(version)]
    if shown.decision:
        parts.append(render_decision(shown.decision))
    if shown.served:
        parts.append(pairs(("history", _entry(version, entry)) for entry in shown.served))
    return Group(*(each for part in parts for each in (part, Text())))


def render_decision(decision: Promotion) -> RenderableType:
    """What was decided on a version and by what numbers; the decisions before it in a line each."""
    beside = f"beside {decision.champion}" if decision.champion else "beside none, as none served its nights"
    rows: list[tuple[str, RenderableType]] = [
        ("decision", f"{_verdict(decision)}, {beside}"),
        ("because", decision.reason),
    ]
    rows += _asked(decision)
    rows += [(f"{gate.name} {'holds' if gate.is_passed else 'FAILS'}", gate.sentence) for gate in decision.gates]
    for each in reversed(decision.earlier):
        rows += [("before", f"{_verdict(each)}: {each.reason}"), *_asked(each)]
    return pairs(rows)


def render_comparison(found: VersionComparison) -> RenderableType:
    """Two versions on the same rows, and what differs."""
    sides = (found.first, found.second)
    gain = found.auc_difference
    head = pairs(
        [
            (
                "evaluated on",
                f"the {found.rows:,} evaluation rows of {found.judge} ({EVALUATED[found.judged_by]}), "
                f"{found.first_on} to {found.last_on}, {found.bad_rows:,} bad ({found.base_rate:.1%}), "
                f"label {label_text(found.label_kind)}",
            ),
            ("AUC difference", f"{_signed(gain)}, first minus second on the same rows" if gain else "not available"),
            *(("note", Text(note, style="yellow")) for side in sides for note in _notes(side, found)),
        ]
    )
    names = (found.first.model_version, found.second.model_version)
    metrics = found.first.metrics or found.second.metrics
    figures = [(name, *(_estimate(side.metrics.get(name)) for side in sides)) for name in metrics]
    lone = zip_longest(found.features_of_first, found.features_of_second, fillvalue="")
    differing = [("feature only here", first, second) for first, second in lone]
    differing += [(each.name, _value(each.first), _value(each.second)) for each in found.differences]
    same = Text("features and settings are the same")
    return Group(
        head,
        Text(),
        table(("", *names), [*figures, ("mean pd", *map(_level, sides))]),
        Text(),
        table(("differs", *names), differing) if differing else same,
    )


def _cells(line: Line) -> tuple[str, ...]:
    """All cells of a line but the decision."""
    return (
        "*" if line.standing.is_champion else "",
        line.model_version,
        line.label_kind or "",
        line.algorithm or "",
        "" if line.train_rows is None else f"{line.train_rows:,} ({line.train_bad_rows:,} bad)",
        _estimate(line.auc) if line.auc else "",
        EVALUATED[line.judged_by] if line.judged_by else "",
    )


def _blocks(rows: Sequence[Sequence[str]], decisions: Sequence[Text]) -> Table:
    blocks = Table.grid(padding=(0, 1))
    for (mark, version, *cells), decision in zip(rows, decisions, strict=True):
        blocks.add_row(Text(mark), Text(version, style="bold"))
        blocks.add_row("", Text(", ".join(filter(None, cells))))
        blocks.add_row("", decision)
    return blocks


def _standing(standing: Standing, is_brief: bool = False) -> Text:
    """State, day and reason; ``is_brief``: for versions in force without the reason."""
    word = "since " if standing.state == "champion" else ""
    since = f" {word}{standing.since:%Y-%m-%d}" if standing.since else ""
    is_told = standing.why and not (is_brief and standing.state in ("champion", "promoted"))
    why = f": {standing.why}" if is_told else ""
    return Text(f"{standing.state}{since}{why}", style=STYLES.get(standing.state, ""))


def _calibration(found: Calibration) -> str:
    if found.method == "platt":
        return f"Platt: log-odds of default = {found.slope:.4f} * margin {found.intercept:+.4f}"
    return f"isotonic, {len(found.knot_pds)} knots from {found.knot_pds[0]:.2%} to {found.knot_pds[-1]:.1%}"


def _split(version: ModelVersion) -> Table:
    parts = (("training", version.split.fitted), ("evaluation", version.split.judged))
    rows = [
        (
            name,
            f"{part.rows:,}",
            f"{part.bad_rows:,} ({part.bad_rows / part.rows:.1%})",
            *map(str, (part.first_on, part.last_on)),
        )
        for name, part in parts
    ]
    crossed = f"each row is evaluated by models that were not trained on its seller, {version.split.repeats} times"
    caption = crossed if version.judged_by == "cross_validation" else None
    return table(("part", "rows", "bad", "first day", "last day"), rows, caption=caption, caption_justify="left")


def _metrics(version: ModelVersion) -> RenderableType:
    """The contenders' metrics, then what the one that serves gains over one feature alone."""
    found = version.evaluation
    contenders = version.contenders.values()
    rows = [(name, *(str(each.evaluation.metrics[name]) for each in contenders)) for name in found.metrics]
    alone = pairs(
        (f"{name} alone", f"AUC {metrics['auc']}; {version.algorithm} gains {found.auc_gains[name]}")
        for name, metrics in found.baselines.items()
    )
    return Group(table(("", *version.contenders), rows), Text(), alone)


def _entry(version: ModelVersion, entry: Serving) -> str:
    """What one entry of the champion's history says about a version."""
    if version.model_version in entry.withdraws:
        what = f"withdrawn by a rollback to {entry.model_version}"
    else:
        what = "serves again by a rollback" if entry.cause else "promoted"
    return f"{entry.promoted_at:%Y-%m-%d %H:%M} UTC {what}" + (
        f", {entry.cause.by}: {entry.cause.reason}" if entry.cause else ""
    )


def _verdict(decision: Promotion) -> str:
    verdict = "promoted by force" if decision.is_forced else "promoted" if decision.is_promoted else "refused"
    return f"{verdict} {decision.decided_at:%Y-%m-%d %H:%M} UTC"


def _asked(decision: Promotion) -> list[tuple[str, RenderableType]]:
    return [("asked by", f"{decision.cause.by}: {decision.cause.reason}")] if decision.cause else []


def _notes(side: ComparedVersion, found: VersionComparison) -> Iterator[str]:
    """Why a version's figures may mislead."""
    name = side.model_version
    if side.fault:
        yield f"{name} cannot score these rows: {side.fault}"
    if side.label_kind != found.label_kind:
        yield f"{name} predicts {side.label_kind}, so its pd is not of the outcome that these rows show"
    if side.known_rows:
        yield f"{name} was trained up to a later day than {side.known_rows:,} of these rows: its figures are too good"


def _level(side: ComparedVersion) -> str:
    if side.mean_pd is None:
        return "cannot score"
    return f"{side.mean_pd:.1%}, {side.pd_ratio:.2f} times observed"


def _estimate(estimate: Estimate | None) -> str:
    return str(estimate) if estimate else "-"


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


def _value(value: float | str | None) -> str:
    text = "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= VALUE_SHOWN else f"{text[: VALUE_SHOWN - 3]}..."


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())


def _settings(version: ModelVersion, algorithm: type[Algorithm]) -> str:
    found = algorithm.settings(version.parts[algorithm.section])
    return _listed({name.rpartition(".")[2]: value for name, value in found.items()})
