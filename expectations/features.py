"""Expectations of our own on the features: one query for all of them, with the ranges that the catalogue gives.

As in expectations/comparisons.py each function returns a query that finds the faults. One pass over the gated rows
answers for two hundred columns; an expectation for each of them would read the table as often.
"""

import re
from collections.abc import Callable, Iterable
from itertools import groupby, pairwise

from tradeline.contracts.features import Feature, read_catalogue

WINDOW = re.compile(r"^(.*)_(?:(\d+)d|ever)$")


def expect_features_to_be_in_their_range(table: str, columns: list[str]) -> str:
    """Every number within the catalogue's minimum and maximum of its feature; null is no number, infinity is none."""
    features = [feature for feature in read_catalogue() if feature.name in columns]
    return _faults(rule for feature in features for rule in _range_rules(feature))


def expect_longer_windows_to_hold_shorter_ones(table: str, columns: list[str]) -> str:
    """Of two windows of a sum or count the longer one is not the smaller."""
    windows_of = ((WINDOW.search(name), name) for name in columns)
    found = sorted((match[1], float(match[2] or "inf"), name) for match, name in windows_of if match)
    measures = (list(windows) for _, windows in groupby(found, key=lambda each: each[0]))
    pairs = [(shorter[2], longer[2]) for windows in measures for shorter, longer in pairwise(windows)]
    return _faults((shorter, f"{longer} < {shorter}", f"at most {longer}") for shorter, longer in pairs)


def _range_rules(feature: Feature) -> Iterable[tuple[str, str, str]]:
    if feature.is_number:
        yield feature.name, f"not isfinite({feature.name}::double)", "finite"
    if feature.minimum is not None:
        yield feature.name, f"{feature.name} < {feature.minimum:g}", f"at least {feature.minimum:g}"
    if feature.maximum is not None:
        yield feature.name, f"{feature.name} > {feature.maximum:g}", f"at most {feature.maximum:g}"


def _faults(rules: Iterable[tuple[str, str, str]]) -> str:
    """A query with a row for each fault of a column, and one of the sellers; a rule is the column, what must not be,
    and what is expected, in words."""
    listed = list(rules)
    if not listed:
        raise TypeError("no column is chosen that has anything to check")
    found = ", ".join(
        f"case when {wrong} then {{feature: '{name}', value: {name}::double, expected: '{expected}'}} end"
        for name, wrong, expected in listed
    )
    return f"""
        select fault.feature as feature, fault.expected as expected, count(*) as sellers,
            min(seller_id) as seller_id, arg_min(as_of, (seller_id, as_of)) as as_of,
            arg_min(fault.value, (seller_id, as_of)) as value
        from (
            select seller_id, as_of, unnest([{found}]) as fault
            from batch where {" or ".join(wrong for _, wrong, _ in listed)}
        )
        where fault is not null
        group by all
        order by feature, expected
    """


FEATURE_CHECKS: dict[str, Callable[..., str]] = {
    check.__name__: check
    for check in (expect_features_to_be_in_their_range, expect_longer_windows_to_hold_shorter_ones)
}
