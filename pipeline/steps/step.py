"""What every step has: its place in the journal, its turn at the warehouse, and a line on what came of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from pipeline.nights import refuse_future
from tradeline.database import connect, scalar
from tradeline.journal import Outcome, journaled, named_nights
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings
from tradeline.surroundings import own_surroundings


@contextmanager
def step(settings: Settings, run_id: str, name: str, as_ofs: list[date]) -> Iterator[Outcome]:
    """A step that is alone at the warehouse while it runs; none of its nights may be still to come."""
    with outside_the_warehouse(settings, run_id, name, as_ofs) as outcome:
        for as_of in as_ofs:
            refuse_future(settings, as_of)
        with warehouse_lock(settings):
            yield outcome


@contextmanager
def outside_the_warehouse(settings: Settings, run_id: str, name: str, as_ofs: list[date]) -> Iterator[Outcome]:
    """A step that leaves the warehouse to others."""
    with own_surroundings(settings.home), journaled(settings, run_id, name, as_ofs) as outcome:
        yield outcome


def counted(settings: Settings, mart: str, as_ofs: list[date]) -> str:
    """How many rows a mart has of the nights."""
    query = f"select count(*) from marts.{mart} where list_contains(?::date[], as_of)"
    with connect(settings, settings.warehouse) as connection:
        count = scalar(connection, query, [as_ofs])
    return f"{mart}: {count:,} rows {named_nights(as_ofs)}"


def offered(settings: Settings, as_ofs: list[date]) -> str:
    """How many sellers are offered how much in the nights; of several nights, in the last one."""
    query = """
        select count(*), coalesce(sum(limit_amount), 0) from marts.loan_eligibility where is_eligible and as_of = ?
    """
    with connect(settings, settings.warehouse) as connection:
        [(offers, amount)] = connection.execute(query, [max(as_ofs)]).fetchall()
    of_last = f" as of {max(as_ofs)}" if len(as_ofs) > 1 else ""
    return f"{offers:,} offers of {amount:,.2f} {settings.currency} in all{of_last}"


def iso(as_ofs: list[date]) -> list[str]:
    """The nights as dbt's variables take them."""
    return [as_of.isoformat() for as_of in as_ofs]
