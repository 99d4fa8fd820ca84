"""Which features are null in every row where a deployment lacks a raw table or an optional column of one.

``needs.yml`` has by feature what it needs, ``table`` or ``table.column``; `python -m benchmarks.needs` measures it by
building a market's features without each of them.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from tradeline.checked import yaml_of

PATH = Path(__file__).with_name("needs.yml")


def null_features(tables: Collection[str], columns: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The features that stay null, by what is wanting: a raw table of ``tables``, or a column of another's."""
    wanting = [*tables, *(f"{table}.{column}" for table, missing in columns.items() for column in missing)]
    needs = yaml_of(PATH)
    found = {each: [feature for feature, needed in needs.items() if each in needed] for each in wanting}
    return {each: features for each, features in found.items() if features}
