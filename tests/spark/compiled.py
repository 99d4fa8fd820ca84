"""Every model's SQL as dbt compiles it for Spark, as a line of JSON on stdout; neither Java nor a session is needed.

In a process of its own: Great Expectations, which pytest's own process imports, ends one where it finds PySpark.
"""

import json
import sys
import tempfile

from dbt.cli.main import dbtRunner

from tradeline.kept_manifest import DBT_PROJECT

NIGHT = "2024-01-31"


def main() -> None:
    """Exit code 1 where dbt cannot compile them."""
    with tempfile.TemporaryDirectory() as folder:
        given: dict[str, object] = {"warehouse_path": folder, "spark_folder": folder, "training_as_of": NIGHT}
        given |= {"arrived_from": NIGHT, "arrived_to": NIGHT, "as_ofs": [NIGHT]}
        places = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--target", "spark"]
        places += ["--target-path", folder, "--log-path", folder, "--vars", json.dumps(given)]
        offline = ["--no-introspect", "--no-populate-cache", "--no-partial-parse", "--quiet"]
        found = dbtRunner().invoke(["compile", "--select", "resource_type:model", *offline, *places])
    if not found.success:
        sys.exit(f"dbt cannot compile the models for Spark: {found.exception}")
    results = getattr(found.result, "results", [])
    print(json.dumps({each.node.name: each.node.compiled_code for each in results}))


if __name__ == "__main__":
    main()
