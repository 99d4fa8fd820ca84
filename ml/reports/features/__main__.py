"""Write docs/features from the latest night and training set of a home: ``make features`` makes one for it.

python -m ml.reports.features --home target/features_home
"""

import argparse
import sys
from pathlib import Path

from ml.reports.features.page import write_pages
from tradeline.errors import TradelineError
from tradeline.settings import PROJECT, Settings


def main() -> int:
    """Write the pages and say where they are; 1 where the home has nothing to show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="instead of TRADELINE_HOME")
    parser.add_argument("--to", type=Path, default=PROJECT / "docs" / "features", help="the folder; docs/features")
    arguments = parser.parse_args()
    try:
        for page in write_pages(Settings(home=arguments.home) if arguments.home else Settings(), arguments.to):
            print(f"{page}: {page.stat().st_size / 1000:,.0f} kB")
    except TradelineError as error:
        print(f"features: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
