"""Walk through a home's last published night; the exit status is 1 where anything differs."""

import argparse
import sys
from pathlib import Path

from tests.walkthrough.walk import differences
from tradeline.settings import PROJECT


def main() -> None:
    """Print each difference and how many there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--sellers", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--zone", default="UTC")
    asked = parser.parse_args()
    found = list(differences(asked.home, PROJECT / "dbt_project" / "seeds", asked.sellers, asked.seed, asked.zone))
    print(*found[:100], f"{len(found):,} differences", sep="\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
