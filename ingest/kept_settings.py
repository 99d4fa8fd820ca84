"""What the warehouse's amounts and days are in: a deployment that has lost its settings is not taken for another."""

import duckdb

from ingest.raw_schema import has_raw_table
from tradeline.database import connect
from tradeline.engines.kept import check_engine
from tradeline.errors import Damaged
from tradeline.lock import warehouse_lock
from tradeline.settings import SETTINGS_FILE, Settings


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
    check_engine(connection, settings)
    if not has_raw_table(connection, settings.warehouse.stem, "deployment"):
        return
    ((currency, timezone),) = connection.execute("select currency, timezone from raw.deployment").fetchall()
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
