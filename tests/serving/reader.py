"""A reader in a process of its own: asks the published file again and again, each time over a fresh connection."""

import json
import sys
import time
from pathlib import Path

import duckdb

# One row per version that is mixed into what is seen, so one row in all; counted against the manifest of the same file.
VERSIONS = """
    select distinct
        f.as_of::varchar, e.run_id, f.sales_amount_7d::int, s.score, e.limit_amount::int, r.score, a.seller_value::int,
        (select count(*) from seller_features), (select count(*) from credit_scores),
        (select count(*) from loan_eligibility), (select count(*) from seller_credit_record),
        (select count(*) from adverse_actions),
    from seller_features as f
    full join credit_scores as s using (seller_id)
    full join loan_eligibility as e using (seller_id)
    full join seller_credit_record as r using (seller_id)
    full join adverse_actions as a using (seller_id)
"""
MANIFEST = """
    select as_of::varchar, any_value(run_id), list(row_count order by table_name) from publications
    where is_current group by as_of order by as_of desc limit 1
"""


def look(path: Path) -> tuple[object, ...]:
    """The version that is seen, if it is a single one and the one that the manifest names."""
    with duckdb.connect(str(path), read_only=True) as connection:
        versions = connection.execute(VERSIONS).fetchall()
        as_of, run_id, row_counts = connection.execute(MANIFEST).fetchall()[0]
    assert len(versions) == 1, f"a mixture: {versions}"
    seen_as_of, seen_run_id, *marks_and_counts = versions[0]
    assert (seen_as_of, seen_run_id) == (as_of, run_id), f"{versions[0]} is not the manifest's {as_of}, {run_id}"
    marks, counts = marks_and_counts[:5], marks_and_counts[5:]
    assert len(set(marks)) == 1, f"marks of several runs: {versions[0]}"
    assert sorted(counts) == sorted(row_counts), f"{counts} rows, the manifest says {row_counts}"
    return versions[0]


def main(path: Path, until: Path) -> None:
    """Look until the file ``until`` is there, then print what was seen as JSON."""
    seen: list[tuple[object, ...]] = []
    errors: list[str] = []
    slowest = 0.0
    looks = 0
    while not until.exists():
        started = time.perf_counter()
        try:
            version = look(path)
        except Exception as error:  # whatever goes wrong is what the test is about
            errors.append(f"{type(error).__name__}: {error}")
        else:
            if version not in seen[-1:]:
                seen.append(version)
        slowest = max(slowest, time.perf_counter() - started)
        looks += 1
        time.sleep(0.005)
    print(json.dumps({"looks": looks, "seen": seen, "errors": errors, "slowest_seconds": round(slowest, 3)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
