"""Which engine built a warehouse: another one would take its tables for its own."""

import duckdb

from tradeline.errors import Damaged
from tradeline.settings import Settings

# The engine and the folder that a warehouse of an earlier release does not name.
BEFORE_ENGINES = ("duckdb", "")


def check_engine(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make sure that an open warehouse is of the engine that the settings name, and where that engine left it.

    Raises:
        Damaged: it is of the other engine, or the home of a Spark was moved.
    """
    engine, folder = _kept(connection) or (settings.engine, str(settings.warehouse.parent))
    if engine != settings.engine:
        raise Damaged(
            f"the warehouse was built by {engine}, and TRADELINE_ENGINE is {settings.engine}: set it to {engine}; a "
            f"home on {settings.engine} is one of its own (TRADELINE_HOME), built from the same landing"
        )
    if engine == "spark" and folder != str(settings.warehouse.parent):
        raise Damaged(
            f"Spark's tables were made in {folder}, and know no other place: move the home back, or remove "
            f"{settings.warehouse.parent} to have every landed night built again"
        )


def _kept(connection: duckdb.DuckDBPyConnection) -> tuple[str, str] | None:
    """The engine and the folder; None of a warehouse in which nothing is built."""
    columns = connection.execute(
        "select column_name from duckdb_columns() where (schema_name, table_name) = ('raw', 'deployment')"
    ).fetchall()
    if ("engine",) in columns:
        found: tuple[str, str] | None = connection.execute("select engine, folder from raw.deployment").fetchone()
        return found
    is_built = connection.execute("select 1 from duckdb_tables() where schema_name = 'marts' limit 1").fetchall()
    return BEFORE_ENGINES if columns or is_built else None
