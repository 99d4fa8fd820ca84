"""Which features are null in every row where a deployment lacks a raw table or an optional column of one.

``needs.yml`` has by feature what it needs, ``table`` or ``table.column``; `python -m benchmarks.needs` measures it by
building a market's features without each of them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tradeline.checked import yaml_of

PATH = Path(__file__).with_name("needs.yml")


def null_features(missing: Mapping[str, Sequence[str]]) -> list[str]:
    """The features that stay null without some columns, given by table; a table without its key is missing itself."""
    lacking = {f"{table}.{column}" for table, columns in missing.items() for column in columns}
    return sorted(feature for feature, needs in yaml_of(PATH).items() if lacking & set(needs))
