"""The last published night of a home beside what is worked out by hand."""

import math
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from tests.dbt_project.naive.known import in_zone
from tests.dbt_project.naive.resolved import resolved
from tests.walkthrough.decision import Decision, Policy, decide, offers
from tests.walkthrough.features import features_by_hand
from tests.walkthrough.landed import landed_versions
from tests.walkthrough.model import Model

Rows = dict[str, dict[str, Any]]
MODEL_CODES = 4  # reasons that a decision gives at most


def differences(home: Path, seeds: Path, sellers: int, seed: int = 1, zone: str = "UTC") -> Iterator[str]:
    """What differs, a line each: features and pds of some sellers drawn by chance, decisions and words of all."""
    features, scores, decisions = (_published(home, table) for table in PUBLISHED)
    as_of = next(iter(features.values()))["as_of"]
    of_seller = features_by_hand(resolved(in_zone(landed_versions(home / "landing", as_of), zone)), as_of)
    drawn = random.Random(seed).sample(sorted(features), min(sellers, len(features)))
    for seller_id in drawn:
        by_hand = of_seller(seller_id)
        yield from _compared(seller_id, by_hand, {name: features[seller_id][name] for name in by_hand})
        if scores:
            score = scores[seller_id]
            model = Model.read(home / "models" / score["model_version"])
            pd = model.pd(features[seller_id] | by_hand)
            yield from _compared(seller_id, {"pd": pd, "score": model.score(pd)}, score)
    policy = Policy.read(seeds)
    made = [decide(name, row, scores.get(name, {}).get("pd"), policy) for name, row in features.items()]
    yield from _decided(made, offers(made, policy), decisions)
    yield from _told(home, seeds, features, decisions)


PUBLISHED = ("seller_features", "credit_scores", "loan_eligibility")


def _published(home: Path, table: str) -> Rows:
    with duckdb.connect(home / "published" / "marts.duckdb", read_only=True) as connection:
        result = connection.execute(f"from {table}")
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row["seller_id"]: row for row in rows}


def _compared(seller_id: str, by_hand: dict[str, Any], published: dict[str, Any]) -> Iterator[str]:
    for name, value in by_hand.items():
        found = published[name]
        is_same = (
            math.isclose(value, found, rel_tol=1e-6, abs_tol=1e-9)
            if isinstance(value, float) and isinstance(found, float)
            else value == found
        )
        if not is_same:
            yield f"{seller_id}: {name} is {found} and by hand {value}"


def _decided(made: list[Decision], limits: dict[str, Decimal], decisions: Rows) -> Iterator[str]:
    for each in made:
        published, limit = decisions[each.seller_id], limits.get(each.seller_id)
        by_hand = {"is_eligible": limit is not None, "limit_amount": limit or Decimal(0)}
        if limit is not None and each.annual_rate is not None:
            by_hand["annual_rate"] = float(each.annual_rate)
        yield from _compared(each.seller_id, by_hand, published)
        codes = [code for code in published["reason_codes"] if not code.startswith("MODEL_")]
        wanted = [] if limit is not None else each.codes or ["BUDGET_SPENT"]
        is_cut = len(published["reason_codes"]) == MODEL_CODES and codes == wanted[: len(codes)]
        if codes != wanted and not is_cut:
            yield f"{each.seller_id}: reason codes are {codes} and by hand {wanted}"


def _told(home: Path, seeds: Path, features: Rows, decisions: Rows) -> Iterator[str]:
    """Every declined seller is told why, in the policy's words, beside the value that its features have."""
    texts = yaml.safe_load((seeds / "reasons.yml").read_text())
    rules = {rule["reason_code"]: rule for rule in Policy.read(seeds).rules}
    with duckdb.connect(home / "published" / "marts.duckdb", read_only=True) as connection:
        told = connection.execute(
            "select seller_id, reason_code, sentence, feature, seller_value from adverse_actions"
        ).fetchall()
    declined = {name for name, row in decisions.items() if not row["is_eligible"]}
    for name in declined - {seller_id for seller_id, *_ in told}:
        yield f"{name} is declined and not told why"
    for seller_id, code, sentence, feature, value in told:
        text = texts[code]
        if not features[seller_id]["has_orders"]:
            text = text.get("without_orders", text)
        expected = _with_numbers(text["sentence"], rules.get(code, {}))
        if " ".join(sentence.split()) != " ".join(expected.split()):
            yield f"{seller_id}: {code} says {sentence!r}, the policy {expected!r}"
        own = features[seller_id].get(feature)
        if isinstance(own, (int, float, Decimal)) and not math.isclose(float(own), value, rel_tol=1e-6, abs_tol=1e-6):
            yield f"{seller_id}: {code} tells {feature} {value}, it is {own}"


def _with_numbers(text: str, rule: dict[str, Any]) -> str:
    """A reason with the numbers of its rule: {threshold:paid order} is 6 paid orders, {threshold:%} 25%."""

    def number(found: re.Match[str]) -> str:
        value, unit = rule["threshold"] if found[1] == "threshold" else rule["feature"].split("_")[-1][:-1], found[2]
        if unit == "%":
            return f"{float(value) * 100:g}%"
        return f"{float(value):g}" + (f" {unit}{'' if float(value) == 1 else 's'}" if unit else "")

    return re.sub(r"{(\w+):?([^}]*)}", number, text)
