"""What Spark's metastore and the folder of its tables have to agree on before a command begins."""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pyspark.sql import SparkSession

SCHEMAS = ("raw", "policy", "contracts", "staging", "intermediate", "features", "marts", "training", "ml")


def own_databases(session: SparkSession, warehouse: Path) -> str:
    """Create the databases that are missing; what to say where one is somebody else's, empty where none is."""
    for schema in SCHEMAS:
        session.sql(f"create database if not exists {schema}")
        place = Path(unquote(urlsplit(session.catalog.getDatabase(schema).locationUri).path))
        if place != warehouse / f"{schema}.db":
            return (
                f"the metastore's database {schema} is in {place}, and not in {warehouse}: a home on Spark needs a "
                "metastore of its own, and spark.sql.warehouse.dir is not to be set"
            )
    return ""


def clear_leftovers(session: SparkSession, warehouse: Path) -> None:
    """Remove files of tables and partitions that the metastore does not know: a session that died has left them.

    Spark would refuse to make a table in the folder, and append to what is in a partition's.
    """
    for database in warehouse.glob("*.db"):
        tables = {row["tableName"] for row in session.sql(f"show tables in {database.stem}").collect()}
        for folder in (path for path in database.iterdir() if path.is_dir()):
            if folder.name not in tables:
                shutil.rmtree(folder)
            elif any(folder.glob("*=*")):
                _clear_partitions(folder, registered(session, f"{database.stem}.{folder.name}"))


def registered(session: SparkSession, table: str) -> set[str]:
    """The partitions that the metastore knows, as paths below the table's folder."""
    return {row[0] for row in session.sql(f"show partitions {table}").collect()}


def _clear_partitions(folder: Path, known: set[str]) -> None:
    depth = max((path.count("/") + 1 for path in known), default=1)
    for path in folder.glob("/".join(["*=*"] * depth)):
        if path.relative_to(folder).as_posix() not in known:
            shutil.rmtree(path)
