"""What a gate sees: an in-memory DuckDB with read-only views on the gated rows and on what came before them.

``gated.<table>``: the rows to check, of the gate's as_ofs (raw: of the nights in the admission file);
``gated.as_ofs`` and ``gated.settings``: the nights asked for and the thresholds of the deployment.
``gated.counted_arrivals`` (raw): each night's and table's rows, these nights' and those before, with how many are set
aside and no seller, loan or rate that came later has brought in, and how many of them wait for one.
The macros of expectations/evidence.py weigh differences in both.
``faults.<table>_<number>``: what the query of an expectation has found; ``number`` is that of its entry in the suite.
``previous.<table>``: marts: the previous publication of each gated night, which is in ``compared_as_of``, with today's
columns; those of ``new_columns`` were not published then and are null. raw: the 28 nights before.
``warehouse``: the whole warehouse, where the gate is on it.
"""

from datetime import date
from pathlib import Path
from typing import Any

from expectations.evidence import MACROS
from expectations.fingerprints import fingerprint_sql, night_column
from expectations.suite import GateName
from tradeline.contracts.publications import KeptTable, Publication, read_publications, verified
from tradeline.settings import Settings
from tradeline.sql import literal

EARLIER_NIGHTS = 28
# A row may have waited in one run and have been taken up in this one: the admission file knows better.
COUNTED_ARRIVALS = """
    with aside as (
        from gated.set_aside
        union all by name
        from previous.set_aside anti join gated.set_aside using (source_file, row_number)
    ),
    late as (
        select arrived_on, table_name, count(taken_up_on) as taken_up_row_count,
            count(coalesce(taken_up_on, replaced_on)) as settled_row_count,
            count(*) - settled_row_count as waiting_row_count
        from aside where waits_for is not null group by all
    ),
    nightly as (
        select *, true as is_tonight from gated.arrivals
        union all by name
        select *, false as is_tonight from previous.arrivals
    )
    select arrived_on, table_name, is_tonight, row_count,
        set_aside_row_count - coalesce(settled_row_count, 0) as set_aside_row_count,
        coalesce(waiting_row_count, 0) as waiting_row_count,
        coalesce(max(taken_up_row_count / row_count) over (partition by table_name), 0) as taken_up_share_max
    from nightly left join late using (arrived_on, table_name)
"""


class GateDatabase:
    """The views of one gate, on the DuckDB connection of Great Expectations' own engine."""

    def __init__(self, connection: Any, settings: Settings, gate: GateName, database: Path, as_ofs: list[date]) -> None:
        self.connection = connection
        self.gate = gate
        self.night_column = night_column(gate)
        self._as_ofs = as_ofs
        self.schema, self.catalog = ("raw", "admission") if gate == "raw_in" else ("marts", "warehouse")
        self.run(f"set threads = {settings.threads}", f"set memory_limit = '{settings.memory_limit}'")
        self.run(f"set temp_directory = {literal(settings.spill)}")
        # Views of an admission file convert times as they are read.
        self.run("set TimeZone = 'UTC'")
        self.run(f"attach {literal(database)} as {self.catalog} (read_only)")
        self.run("create schema gated", "create schema previous", "create schema faults", *MACROS)
        self._view("gated.as_ofs", f"select unnest({_dates(as_ofs)}::date[]) as as_of")
        self._view("gated.settings", f"select {settings.set_aside_share_max} as set_aside_share_max")
        self.tables = self._gate_rows(self.catalog)
        self.new_columns: dict[str, set[str]] = {}
        if gate == "raw_in":
            self.compared_tables = self._add_earlier_nights(settings.warehouse)
        else:
            self.compared_tables = self._add_publications(settings, as_ofs)

    def run(self, *statements: str) -> None:
        """Execute statements that return nothing."""
        for statement in statements:
            self.connection.execute(statement)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query as column -> value."""
        found = self.connection.execute(query)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def columns(self, table: str) -> list[str]:
        """Names of the columns of ``gated.<table>``."""
        return [row["column_name"] for row in self.rows(f"select column_name from (describe gated.{table})")]

    def judged(self) -> list[date]:
        """The nights whose rows are gated."""
        if self.gate != "raw_in":
            return self._as_ofs
        return [row["arrived_on"] for row in self.rows("select arrived_on from gated.nights order by arrived_on")]

    def fingerprint(self, table: str, night: date) -> str | None:
        """Of a night's gated rows of a table; None of a raw night that is not there."""
        query = fingerprint_sql(self.gate, table, night, self.catalog)
        rows = self.rows(f"select * from ({query}) as found(fingerprint)")
        return str(rows[0]["fingerprint"]) if rows else None

    def keep(self, name: str, table: str, query: str) -> None:
        """Keep the rows of a query on ``gated.<table>``, which is ``batch`` in it, as the table ``name``."""
        self.run(f"create table {name} as with batch as (from gated.{table}) from ({query})")

    def _gate_rows(self, catalog: str) -> set[str]:
        tables = self._tables_of(catalog)
        for table in tables:
            columns = [row["column_name"] for row in self.rows(f"describe {catalog}.{self.schema}.{table}")]
            nights = "where as_of in (select as_of from gated.as_ofs)" if "as_of" in columns else ""
            self._view(f"gated.{table}", f"from {catalog}.{self.schema}.{table} {nights}")
        return tables

    def _add_earlier_nights(self, warehouse: Path) -> set[str]:
        """Views on the latest nights before this pass; a pass of several nights is compared within itself too.

        A night that the pass makes again, or that has vanished, is none of them, though the warehouse still has it.
        """
        if warehouse.exists():
            self.run(f"attach {literal(warehouse)} as warehouse (read_only)")
        known = self._tables_of("warehouse")
        earlier = f"""
            select arrived_on from warehouse.raw.nights
            where arrived_on < (select min(arrived_from) from gated.admission, gated.nights)
            order by arrived_on desc limit {EARLIER_NIGHTS}
        """
        has_earlier = "nights" in known and bool(self.rows(earlier))
        for table in self.tables:
            rows = f"from warehouse.raw.{table} where arrived_on in ({earlier})"
            is_there = has_earlier and table in known
            self._view(f"previous.{table}", rows if is_there else f"from gated.{table} where false")
        self._view("gated.counted_arrivals", COUNTED_ARRIVALS)
        has_several = len(self.rows("from gated.nights limit 2")) > 1
        return self.tables if has_earlier or has_several else set()

    def _add_publications(self, settings: Settings, as_ofs: list[date]) -> set[str]:
        current = [publication for publication in read_publications(settings) if publication.is_current]
        selects: dict[str, list[str]] = {}
        for as_of in as_ofs:
            for kept in previous_tables(current, as_of):
                path = literal(verified(settings, kept))
                rows = (
                    f"select *, date '{as_of}' as compared_as_of from read_parquet({path}, hive_partitioning = false)"
                )
                selects.setdefault(kept.table_name, []).append(rows)
        for table, parts in selects.items():
            published = " union all by name ".join(parts)
            there = {row["column_name"] for row in self.rows(f"select column_name from (describe {published})")}
            self.new_columns[table] = set(self.columns(table)) - there if table in self.tables else set()
            nulls = ", ".join(["*", *(f"null as {name}" for name in sorted(self.new_columns[table]))])
            self._view(f"previous.{table}", f"select {nulls} from ({published})")
        return set(selects)

    def _tables_of(self, catalog: str) -> set[str]:
        found = self.rows(
            "select table_name from information_schema.tables "
            f"where table_catalog = '{catalog}' and table_schema = '{self.schema}'"
        )
        return {row["table_name"] for row in found}

    def _view(self, name: str, query: str) -> None:
        self.run(f"create view {name} as {query}")


def previous_tables(current: list[Publication], as_of: date) -> tuple[KeptTable, ...]:
    """Tables of the latest current publication before ``as_of``; none if there is no such publication."""
    earlier = [publication for publication in current if publication.as_of < as_of]
    return max(earlier, key=lambda publication: publication.as_of).tables if earlier else ()


def _dates(as_ofs: list[date]) -> list[str]:
    return [as_of.isoformat() for as_of in as_ofs]
