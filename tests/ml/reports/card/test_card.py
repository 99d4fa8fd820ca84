"""The model card of every kind of version: nothing on it is empty, and what it says is so."""

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ml.errors import BadModel
from ml.learning.scorecard import Points, Scorecard
from ml.learning.scorecard.card import bins_of
from ml.promotion.promote import promote_or_keep, read_promotion
from ml.registry import store as registry
from ml.registry.pointer import Cause, read_champion
from ml.registry.version import name_version
from ml.reports.card import limits, origin
from ml.reports.card.build import SECTIONS, build_card, card_json, card_page
from ml.reports.card.facts import Facts, read_facts
from ml.reports.card.write import card_path, newest_card, write_card
from ml.reports.mlflow.run import plots
from ml.score import LOWEST_SCORE, score_of
from ml.training_set import LOSSES_SUFFIX, VINTAGES_SUFFIX
from pipeline import steps
from tests.command import tradeline
from tests.ml.synthetic import synthetic_frame
from tests.ml.trained import AUGUST, RENAMED, market, train_version
from tradeline.contracts.policy import loss_given_default
from tradeline.settings import Settings

pytestmark = pytest.mark.slow


CHROMIUM = shutil.which("chromium")
PLOTS = (
    "Trees",
    "Scorecard",
    "Bad rows avoided by declining",
    "Good and bad",
    "XGBoost",
    "Scorecard",
    "By month",
    "AUC by segment",
    "Cohorts at equal age",
    "What moved most",
    "Adverse impact ratio",
    "First reasons",
)
KINDS = ("promoted", "undecided", "refused")
OTHER = {"xgboost": "scorecard", "scorecard": "xgboost"}
CAUSE = Cause(by="risk", reason="declines <too> many")


class Sections(HTMLParser):
    """The sections of a page: heading, and the words after it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._name, self._part = "", "text"
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._name = dict(attrs)["id"] or ""
            self.found[self._name] = {"heading": "", "text": ""}
        self._part = "heading" if tag == "h2" else self._part

    def handle_endtag(self, tag: str) -> None:
        self._part = "text" if tag == "h2" else self._part

    def handle_data(self, data: str) -> None:
        if self._name:
            self.found[self._name][self._part] += data


def loans() -> pd.DataFrame:
    """Too few for a split by time, and whether they went bad has nothing to do with their features."""
    frame = synthetic_frame(5, sellers=80, months=6, strength=0).rename(columns=RENAMED)
    random = np.random.default_rng(5)
    frame["label_kind"] = "loan_default"
    frame["is_indeterminate"] = ~frame["is_default"] & (random.random(len(frame)) < 0.1)
    frame["region"] = random.choice(["north", "south"], len(frame))
    frame["has_orders"], frame["has_loans"] = True, frame["as_of"] > frame["as_of"].min()
    return frame


def vintages() -> pd.DataFrame:
    """Two cohorts of 40 loans, the second half as old; 8 of the first were bad in the end, 6 of them by day 180."""
    bad = {
        30 * month: max(0, min(month - 2, 4)) + max(0, min(month - 4, 2)) + 2 * (month > 8) for month in range(1, 13)
    }
    months = [pd.Timestamp("2017-01-01"), pd.Timestamp("2017-02-01")]
    rows = [
        {"cohort_on": month, "age_days": age, "loans": 40, "bad_loans": count, "early_payment_defaults": 1}
        for month, oldest in zip(months, (360, 180), strict=True)
        for age, count in bad.items()
        if age <= oldest
    ]
    return pd.DataFrame(rows)


def losses() -> pd.DataFrame:
    """Of each of twenty sellers a loan that lost 60% and one of twice the amount that lost 90%."""
    rows = [
        {"loan_id": f"{seller}-{amount}", "seller_id": f"s{seller}", "principal_amount": amount, "lost_share": share}
        for seller in range(20)
        for amount, share in ((100.0, 0.6), (200.0, 0.9))
    ]
    return pd.DataFrame(rows).assign(paid_amount=lambda frame: frame["principal_amount"] * (1 - frame["lost_share"]))


def serve_by_the_other(settings: Settings, model_version: str) -> str:
    """The same version, saved with the other of its two algorithms in service; nothing is decided on it."""
    version = registry.describe(settings, model_version)
    other = version.model_copy(update={"algorithm": OTHER[version.algorithm]})
    other = other.model_copy(update={"model_version": name_version(other.model_dump(mode="json"))})
    files = {name: registry.read_file(settings, version, name) for name in ("model.ubj", "judged.parquet")}
    assert registry.save(settings, other, files)
    return other.model_version


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A home's models, and in it a version of each of ``KINDS``, the decided ones with the card of the DAG's step."""
    settings = Settings(home=tmp_path_factory.mktemp("made"), threads=1, jurisdiction="four_fifths")
    names = {"promoted": train_version(settings, AUGUST, market())}
    names["undecided"] = serve_by_the_other(settings, names["promoted"])
    names["refused"] = train_version(settings, AUGUST, loans())
    training_set = settings.models / registry.describe(settings, names["refused"]).training_set
    vintages().to_parquet(training_set.with_name(training_set.stem + VINTAGES_SUFFIX))
    losses().to_parquet(training_set.with_name(training_set.stem + LOSSES_SUFFIX))
    assert steps.promote(settings, "run", AUGUST, names["promoted"], False)
    assert not steps.promote(settings, "run", AUGUST, names["refused"], False)
    write_card(settings, names["undecided"])
    return settings.models, names


@pytest.fixture
def names(settings: Settings, made: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Of the versions in a copy of the home."""
    shutil.copytree(made[0], settings.models)
    return made[1]


@pytest.fixture(params=KINDS)
def name(request: pytest.FixtureRequest, names: dict[str, str]) -> str:
    """Each version in turn."""
    return names[request.param]


def read(settings: Settings, name: str) -> tuple[dict[str, Any], str]:
    page = card_path(settings, name)
    return json.loads(page.with_name("card.json").read_bytes()), page.read_text(encoding="utf-8")


def empties(content: Any, path: str = "card") -> Iterator[str]:
    """Where something is empty, or no number."""
    if content in (None, "", [], {}) or (isinstance(content, str) and not content.strip()):
        yield path
    if isinstance(content, float) and not isfinite(content):
        yield path
    children = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, child in children:
        yield from empties(child, f"{path}.{key}")


def test_the_versions_are_of_every_kind(settings: Settings, names: dict[str, str]) -> None:
    versions = {kind: registry.describe(settings, name) for kind, name in names.items()}
    assert {each.judged_by for each in versions.values()} == {"out_of_time", "cross_validation"}
    assert {each.label_kind for each in versions.values()} == {"cash_flow_replay", "loan_default"}
    assert {versions["promoted"].algorithm, versions["undecided"].algorithm} == {"xgboost", "scorecard"}


def test_no_section_is_empty(settings: Settings, name: str) -> None:
    content, page = read(settings, name)
    assert list(empties(content)) == []
    assert list(content) == ["model_version", "trained_as_of", "summary", *SECTIONS]
    headings = [(each, parts["heading"].split(maxsplit=1)) for each, parts in Sections(page).found.items()]
    found = Sections(page).found
    assert headings == [(each, [f"{place}", SECTIONS[each][0]]) for place, each in enumerate(SECTIONS, 1)]
    for each in SECTIONS:
        words = " ".join(found[each]["text"].split())
        assert len(words) > 20, each
        assert all(" ".join(text.split()) in words for text in content[each]["text"]), each
    assert not re.search(r"\b(None|nan|NaN|inf|Undefined)\b", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))


def test_the_page_needs_nothing_from_the_net_and_links_within(settings: Settings, name: str) -> None:
    _, page = read(settings, name)
    assert re.findall(r"https?://|<link|<script|<img|\bsrc=|@import|url\((?!#)", page) == []
    assert re.findall(r'<li><a href="#(\w+)"', page) == list(SECTIONS)


def test_every_plot_is_well_formed_and_none_is_missing(settings: Settings, names: dict[str, str]) -> None:
    without = {"promoted": {"Cohorts at equal age"}, "refused": {"What moved most"}}
    for kind, name in names.items():
        content, page = read(settings, name)
        plots = re.findall(r"<figcaption><strong>(.*?)</strong>.*?(<svg.*?</svg>)", page, re.DOTALL)
        for _, plot in plots:
            ElementTree.fromstring(plot.replace("xlink:", ""))
        missing = set(without.get(kind, without["promoted"]))
        if not any("auc" in row for row in content["segments"].get("segments", [])):
            missing.add("AUC by segment")
        if not any("adverse_impact_ratio" in row for row in content["fairness"].get("groups", [])):
            missing.add("Adverse impact ratio")
        if "characteristics" not in content["features"]:
            missing.add("Scorecard")
        assert [title for title, _ in plots] == [title for title in PLOTS if title not in missing]


def test_the_same_version_and_decision_give_the_same_bytes(settings: Settings, name: str) -> None:
    page = card_path(settings, name)
    before = page.read_bytes(), page.with_name("card.json").read_bytes()
    files = sorted(page.parent.iterdir())
    assert write_card(settings, name) == page
    assert (page.read_bytes(), page.with_name("card.json").read_bytes()) == before
    assert sorted(page.parent.iterdir()) == files
    assert before[1].decode() == card_json(build_card(read_facts(settings, name)))


def test_mlflow_is_given_the_plots_of_the_page(settings: Settings, name: str) -> None:
    page, found = card_path(settings, name), dict(plots(settings, name))
    assert len(found) == page.read_text().count("<svg")
    assert {"reliability/xgboost", "metrics/good_and_bad"} <= set(found)
    for plot in found.values():
        assert ElementTree.fromstring(plot).tag == "{http://www.w3.org/2000/svg}svg"
    page.unlink()
    assert list(plots(settings, name)) == []


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed")
def test_a_browser_shows_and_prints_it_offline(settings: Settings, name: str, tmp_path: Path) -> None:
    page, printed = card_path(settings, name), tmp_path / "card.pdf"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND"]
    run = {"check": True, "capture_output": True, "text": True, "timeout": 120}
    shown = subprocess.run([str(CHROMIUM), *flags, "--dump-dom", f"file://{page}"], **run).stdout  # type: ignore[call-overload]
    assert list(Sections(shown).found) == list(SECTIONS)
    assert shown.count("<svg") == page.read_text().count("<svg") > 5
    subprocess.run([str(CHROMIUM), *flags, f"--print-to-pdf={printed}", f"file://{page}"], **run)  # type: ignore[call-overload]
    content = printed.read_bytes()
    assert content.startswith(b"%PDF-") and 5 <= len(re.findall(rb"/Type\s*/Page\b", content)) <= 20


def test_the_summary_tells_the_decision_and_its_figures(settings: Settings, names: dict[str, str]) -> None:
    for kind, name in names.items():
        version, (content, page) = registry.describe(settings, name), read(settings, name)
        auc = version.evaluation.metrics["auc"]
        top = page[: page.index("<nav")]
        state = {"undecided": "not decided yet"}.get(kind, kind)
        assert state in top and f"{auc.value:.3f}" in top and f"{auc.low:.3f} to {auc.high:.3f}" in top
        assert f"{version.evaluation.metrics['ece'].value:.3f}" in top
        assert content["summary"]["algorithm"] == version.algorithm
        assert ("Replayed, not observed" in top) == (version.label_kind == "cash_flow_replay")


def test_every_gate_of_the_decision_is_told(settings: Settings, names: dict[str, str]) -> None:
    for kind in ("promoted", "refused"):
        decision, (content, page) = read_promotion(settings, names[kind]), read(settings, names[kind])
        assert [each["sentence"] for each in content["decision"]["gates"]] == [each.sentence for each in decision.gates]
        assert content["summary"]["because"] == f"{decision.reason}."
        assert page.count('<td class="out">failed</td>') == sum(not gate.is_passed for gate in decision.gates)
    assert 'class="out">failed' in read(settings, names["refused"])[1]


def test_whose_pd_passes_is_not_who_is_eligible(settings: Settings, names: dict[str, str]) -> None:
    content, page = read(settings, names["promoted"])
    assert "what is decided on all sellers of a night, by every rule" in content["fairness"]["text"][0]
    assert not re.search(r"approv", page)


def test_a_replayed_label_is_marked_and_a_real_one_has_vintages(settings: Settings, names: dict[str, str]) -> None:
    replayed, loan = read(settings, names["promoted"])[0], read(settings, names["refused"])[0]
    for section in ("label", "vintages", "purpose", "limits"):
        assert re.search("[Rr]eplay|no loan|loan history", " ".join(replayed[section]["text"])), section
    assert replayed["label"]["is_replayed"] and "cohorts" not in replayed["vintages"]
    assert {term["name"] for term in replayed["label"]["terms"]} > {"replay_term_days", "loans_minimum_matured"}
    assert [cohort["cohort_on"] for cohort in loan["vintages"]["cohorts"]] == ["2017-01-01", "2017-02-01"]
    assert "At 180 days the best was 2017-01 with 15.0% bad" in loan["vintages"]["text"][1]
    assert any("of those bad by 360 days, 75.0% were bad by 180 days" in text for text in loan["limits"]["text"])
    assert any(text.startswith("Cross-validated, not out of time.") for text in loan["limits"]["text"])
    reasons = {term["name"]: term["reason"] for term in loan["label"]["terms"]}
    assert reasons["bad_days_past_due"].startswith("The Basel definition") and "replay_term_days" not in reasons


def test_the_loss_given_default_is_told_beside_the_policys(settings: Settings, names: dict[str, str]) -> None:
    """Every seller lost 75% on the mean, so that the interval is a point; weighted by principal it is 80%."""
    assert "observed" not in read(settings, names["promoted"])[0]["losses"]
    content, page = read(settings, names["refused"])
    found = content["losses"]
    assert (found["loans"], found["sellers"], found["is_outside"]) == (40, 20, True)
    assert found["assumed"] == loss_given_default() < 0.75
    assert list(found["observed"].values()) == pytest.approx([0.75] * 3)
    assert "Weighted by principal it is 80.0%" in found["text"][0]
    assert found["text"][1].startswith("Warning: ") and "too low" in found["text"][1]
    assert found["text"][1] in content["limits"]["text"]
    assert 'class="number out">50.0%' in page


def test_a_policys_loss_within_the_observed_interval_is_no_warning(settings: Settings, names: dict[str, str]) -> None:
    facts = read_facts(settings, names["refused"])
    spread = replace(facts, losses=facts.losses.iloc[::2].assign(lost_share=[0.1, 0.9] * 10))
    card = build_card(spread)
    observed = card["losses"]["observed"]
    assert observed and observed.low < 0.5 < observed.high
    assert not card["losses"]["is_outside"] and "within this interval" in card["losses"]["text"][1]
    assert not any("loss given default" in text for text in card["limits"]["text"])
    few = build_card(replace(facts, losses=facts.losses.head(18)))["losses"]
    assert few["observed"] is None and few["text"][0].startswith("Not observed: 18 loans")


def test_rows_are_counted_as_they_are(settings: Settings, names: dict[str, str]) -> None:
    for kind, name in names.items():
        version, content = registry.describe(settings, name), read(settings, name)[0]
        parts = {part["name"]: part["rows"] for part in content["data"]["parts"]}
        frame = market() if kind != "refused" else loans()
        assert sum(parts.values()) == len(frame)
        bands = content["score_scale"]["bands"]
        assert sum(band["bad_rows"] for band in bands) == version.evaluation.bad_rows
        assert sum(band["good_rows"] for band in bands) == version.evaluation.rows - version.evaluation.bad_rows
        caught = content["metrics"]["caught"]
        assert (caught[0]["xgboost"], caught[-1]["scorecard"]) == (0, 1)
        assert all(np.diff([each[algorithm] for each in caught]).min() >= 0 for algorithm in OTHER)
        for each in content["features"].get("characteristics", []):
            assert sum(bin_["row_share"] for bin_ in each["bins"]) == pytest.approx(1)
    excluded = {each["what"]: each.get("rows") for each in content["exclusions"]["exclusions"]}
    assert excluded["indeterminate rows, from fitting"] == int(loans()["is_indeterminate"].sum())
    assert {each["table"]: each["share"] for each in content["data"]["sources"]}["loans"] == pytest.approx(5 / 6)


def test_caught_has_the_area_of_the_auc(settings: Settings, names: dict[str, str]) -> None:
    """The area under the curve of all rows is base_rate / 2 + (1 - base_rate) * AUC."""
    version, content = registry.describe(settings, names["promoted"]), read(settings, names["promoted"])[0]
    rate = version.evaluation.base_rate
    for algorithm, contender in version.contenders.items():
        heights = [each[algorithm] for each in content["metrics"]["caught"]]
        area = sum(low + high for low, high in pairwise(heights)) / 2 / 20
        assert area == pytest.approx(rate / 2 + (1 - rate) * contender.evaluation.metrics["auc"].value, abs=0.01)


def test_points_of_the_scorecard_add_up_to_the_score(settings: Settings, names: dict[str, str]) -> None:
    """Rows differ in their score as in the sum of their points, but for rounding."""
    by_card = (name for name in names.values() if registry.describe(settings, name).algorithm == "scorecard")
    facts = read_facts(settings, next(by_card))
    version, shown = facts.version, build_card(facts)["features"]["characteristics"]
    assert (version.calibration.method, version.judged_by) == ("platt", "out_of_time") and shown
    positions = {feature.name: place for place, feature in enumerate(version.features)}
    totals = np.zeros(len(facts.values))
    for each, own in zip(version.part(Points.section, Scorecard).characteristics, shown, strict=True):
        place = positions[each.name]
        bins = bins_of(facts.values[:, place], each.edges, each.groups, version.features[place].categories)
        totals += np.array([bin_["points"] for bin_ in own["bins"]])[bins]
    scores = score_of(facts.served_pds, version.score)
    gaps = (scores - totals)[scores > LOWEST_SCORE]
    assert len(gaps) > 0.9 * len(scores) and np.ptp(gaps) < 1 + 0.1 * len(shown)


def test_a_rollback_is_told_on_every_card_that_it_touches(settings: Settings, names: dict[str, str]) -> None:
    assert promote_or_keep(settings, names["undecided"], force=True, cause=CAUSE).is_promoted
    done = tradeline(settings.home, "models", "rollback", "--reason", CAUSE.reason)
    assert done.returncode == 0, done.stderr
    withdrawn, page = read(settings, names["undecided"])
    assert f"Model card: {card_path(settings, names['undecided'])}" in done.stdout
    assert withdrawn["decision"]["state"] == "withdrawn" and CAUSE.reason in withdrawn["decision"]["text"][0]
    assert [event["what"].split()[0] for event in withdrawn["decision"]["history"]] == ["promoted", "withdrawn:"]
    assert "declines &lt;too&gt; many" in page and "<too>" not in page
    assert withdrawn["decision"]["contest"]["rows"] > 0 and "challenger minus champion" in page
    back = read(settings, names["promoted"])[0]["decision"]
    assert back["state"] == "promoted" and back["history"][-1]["what"].startswith("serves again by a rollback")
    champion = read_champion(settings)
    assert champion and champion.champion == names["promoted"]


def test_a_rollback_from_a_damaged_version_stands(settings: Settings, names: dict[str, str]) -> None:
    promote_or_keep(settings, names["undecided"], force=True, cause=CAUSE)
    (settings.models / names["undecided"] / "model.ubj").write_bytes(b"")
    done = tradeline(settings.home, "models", "rollback", "--reason", "damaged")
    assert done.returncode == 0 and f"model card {names['undecided']} could not be made" in done.stderr


def test_the_command_line_writes_and_finds_it(settings: Settings, names: dict[str, str]) -> None:
    assert newest_card(settings) is not None
    page = card_path(settings, names["promoted"])
    assert f"Model card: {page}" in tradeline(settings.home, "models", "show").stdout
    page.unlink()
    assert "Model card: none yet" in tradeline(settings.home, "models", "show").stdout
    assert tradeline(settings.home, "models", "card").stdout.strip() == str(page) and page.exists()
    other = tradeline(settings.home, "models", "card", names["refused"][:-2])
    assert other.stdout.strip() == str(card_path(settings, names["refused"]))
    page.unlink()
    refused = tradeline(settings.home, "models", "promote", names["refused"])
    assert refused.returncode == 1 and "Model card:" in refused.stdout
    absent = tradeline(settings.home, "models", "card", "2017")
    assert absent.returncode == 1 and "there is no model 2017" in absent.stderr


def test_without_its_training_set_a_card_is_refused(settings: Settings, names: dict[str, str]) -> None:
    shutil.rmtree(settings.models / "training")
    with pytest.raises(BadModel, match="training set"):
        write_card(settings, names["promoted"])


def test_a_reason_in_the_yaml_is_not_told_of_another_number(settings: Settings, names: dict[str, str]) -> None:
    facts = read_facts(settings, names["refused"])
    label = facts.version.label.model_copy(update={"bad_days_past_due": 60})
    changed = with_version(facts, label=label)
    terms = {term["name"]: term for term in origin.label(changed)["terms"]}
    assert terms["bad_days_past_due"]["value"] == "60" and terms["bad_days_past_due"]["reason"] == origin.CHANGED
    assert terms["performance_window_days"]["reason"] != origin.CHANGED


def test_limits_come_from_the_figures(settings: Settings, names: dict[str, str]) -> None:
    facts = read_facts(settings, names["promoted"])
    before = limits.limits(facts)["text"]
    later = with_version(facts, trained_as_of=facts.version.trained_as_of + timedelta(days=100))
    days = (facts.version.trained_as_of - facts.version.split.fitted.last_on).days
    assert any(f"{days} days before it was trained" in text for text in before)
    assert any(f"{days + 100} days before it was trained" in text for text in limits.limits(later)["text"])
    assert any("bad decisions: wide intervals" in text for text in before)
    assert not any("Cross-validated" in text or "took loans" in text for text in before)


@pytest.mark.parametrize(("table", "earned"), [("orders", "sales"), ("payments", "income")])
def test_a_card_calls_what_repays_a_loan_by_its_name(
    settings: Settings, names: dict[str, str], table: str, earned: str
) -> None:
    facts = replace(read_facts(settings, names["promoted"]), sources={"sellers": 1.0, table: 1.0})
    card = json.loads(card_json(build_card(facts)))
    said = " ".join([*card["label"]["text"], *card["limits"]["text"], card["summary"]["what"]])
    assert f"later {earned}," in said and f"whether {earned} would" in said and f"months of {earned}" in said
    assert earned == "sales" or "sales" not in said


def test_with_little_to_show_every_section_still_speaks(settings: Settings, names: dict[str, str]) -> None:
    """No group of sellers, no baseline, a scorecard that is the base rate alone, nobody who is owed a reason."""
    facts = read_facts(settings, names["undecided"])
    version = facts.version
    assert version.algorithm == "xgboost"
    own = version.evaluation.model_copy(update={"segments": (), "baselines": {}, "auc_gains": {}})
    contender = version.contenders["xgboost"].model_copy(update={"evaluation": own})
    bare = with_version(
        replace(
            facts, champion=None, sources={"sellers": 1.0}, scorecard=Scorecard(intercept=-2.0, characteristics=())
        ),
        contenders={**version.contenders, "xgboost": contender},
        fairness=version.fairness.model_copy(update={"groups": ()}),
        reasons=version.reasons.model_copy(update={"from_pd": 1.0}),
    )
    card = build_card(bare)
    assert list(empties(json.loads(card_json(card)))) == []
    found = Sections(card_page(card)).found
    assert all(len(found[each]["text"].split()) > 5 for each in SECTIONS)
    assert "base rate alone" in found["features"]["text"] and "none is owed a reason" in found["reasons"]["text"]


def with_version(facts: Facts, **update: Any) -> Facts:
    return replace(facts, model=replace(facts.model, version=facts.version.model_copy(update=update)))
