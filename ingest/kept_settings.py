"""What the warehouse's amounts and days are in: a deployment that has lost its settings is not taken for another."""

import duckdb

from ingest.raw_schema import has_raw_table
from tradeline.database import connect
from tradeline.errors import Damaged
from tradeline.lock import warehouse_lock
from tradeline.settings import SETTINGS_FILE, Settings

# The engine and the folder that a warehouse of an earlier release does not name.
BEFORE_ENGINES = {"engine": "duckdb", "folder": ""}


def keep_settings(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write down in ``raw.deployment``, one row: the currency, the business time zone, the engine and the folder."""
    connection.execute(
        "create or replace table raw.deployment (currency varchar, timezone varchar, engine varchar, folder varchar)"
    )
    kept = [settings.currency, settings.timezone, settings.engine, str(settings.warehouse.parent)]
    connection.execute("insert into raw.deployment values (?, ?, ?, ?)", kept)


def check_settings_kept(settings: Settings) -> None:
    """Make sure that the warehouse's amounts are in the settings' currency, and its days in their time zone.

    Another time zone may be asked for, by name: then every night is built again. A warehouse of an earlier release
    does not know what it was built with.

    Raises:
        Damaged: the currency or the engine is another, or the time zone is and ``TRADELINE_TIMEZONE`` is not set; or
            the home of a Spark was moved.
    """
    with warehouse_lock(settings):
        if settings.warehouse.exists():
            with connect(settings, settings.warehouse, read_only=True) as connection:
                check_kept(connection, settings)


def check_kept(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The same for a warehouse that is open.

    Raises:
        Damaged: as ``check_settings_kept``.
    """
    if not has_raw_table(connection, settings.warehouse.stem, "deployment"):
        return
    names = [name for name, *_ in connection.execute("describe raw.deployment").fetchall()]
    (values,) = connection.execute("from raw.deployment").fetchall()
    kept = BEFORE_ENGINES | dict(zip(names, values, strict=True))
    currency, timezone, engine = kept["currency"], kept["timezone"], kept["engine"]
    lost = f"is {settings.home / SETTINGS_FILE} or a variable of the environment lost? Set"
    if currency != settings.currency:
        raise Damaged(
            f"the warehouse's amounts are in {currency}, and TRADELINE_CURRENCY is {settings.currency}: {lost} it to "
            f"{currency}; amounts in {settings.currency} need a home of their own (TRADELINE_HOME)"
        )
    if timezone != settings.timezone and "timezone" not in settings.model_fields_set:
        raise Damaged(
            f"the warehouse's days are those of {timezone}, and TRADELINE_TIMEZONE is not set: {lost} it to "
            f"{timezone}; or to {settings.timezone}, to have every night built again with the days of that zone"
        )
    if engine != settings.engine:
        raise Damaged(
            f"the warehouse was built by {engine}, and TRADELINE_ENGINE is {settings.engine}: set it to {engine}; a "
            f"home on {settings.engine} is one of its own (TRADELINE_HOME), built from the same landing"
        )
    if engine == "spark" and kept["folder"] != str(settings.warehouse.parent):
        raise Damaged(
            f"Spark's tables were made in {kept['folder']}, and know no other place: move the home back, or remove "
            f"{settings.warehouse.parent} to have every landed night built again"
        )
