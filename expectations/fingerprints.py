"""Which data a gate has checked: of a raw night what was admitted of it, of a night of marts the rows themselves."""

from datetime import date

from expectations.suite import GateName


def night_column(gate: GateName) -> str:
    """The column by which a faulty row names its night."""
    return "arrived_on" if gate == "raw_in" else "as_of"


def fingerprint_sql(gate: GateName, table: str, night: date, catalog: str = "warehouse") -> str:
    """A query of one value, SHA-256 in hex; no row for a raw night that is not there.

    Of a raw night: the content of its landed files, and which of their rows were set aside. The earlier nights with
    which it was compared are not in it, so that a rebuild of history does not ask again for what was said of a night.
    Of a night of marts: the table's rows, without the name of the run; DuckDB's hashes, so a new version of DuckDB asks
    again.
    """
    if gate == "raw_in":
        return f"""
            select sha256(concat_ws(' ', fingerprint, (
                select string_agg(concat_ws('/', table_name, source_file, row_number), ' '
                    order by table_name, source_file, row_number)
                from {catalog}.raw.set_aside as aside where aside.arrived_on = nights.arrived_on
            )))
            from {catalog}.raw.nights as nights where arrived_on = date '{night}'
        """
    return f"""
        select sha256(count(*) || ' ' || coalesce(sum(hash(judged)::hugeint), 0)) from (
            select columns(lambda name: name <> 'run_id') from {catalog}.marts.{table} where as_of = date '{night}'
        ) as judged
    """
