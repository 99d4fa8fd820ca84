"""What faults do to a night's files, as functions from a night to the changes that it will commit."""

from collections.abc import Callable

from simulator.faults.night import Edit, Night
from tradeline.contracts.raw import BY_NAME
from tradeline.errors import BadInput
from tradeline.sql import identifier, literal

Change = Callable[[Night], None]

ALL = "select * exclude (nth) from rows"
# Enough rows at fault to be far above TRADELINE_SET_ASIDE_SHARE_MAX, which applies from 5 rows on.
MANY = "greatest(5, ceil(count(*) / 10))::integer"
MARK = "MARKED-BY-FAULT"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def one_value(table: str, column: str, value: str) -> Change:
    """Another value, SQL over the row, in the first row; ``{on}`` in it is the night."""
    return first_file(table, f"select * exclude (nth) replace (if(nth = 1, {value}, {column}) as {column}) from rows")


def one_row_more(table: str, *values: str) -> Change:
    """The first row once more, with other values (``<SQL> as <column>``)."""
    return first_file(table, f"{ALL} union all {_copies(values)} from rows where nth = 1")


def many_rows_more(table: str, *values: str) -> Change:
    """A tenth more rows, five at least: copies of the first ones with other values."""
    copies = f"from (select unnest(range({MANY})) as copy, count(*) as row_count from rows) as copies"
    return first_file(table, f"{ALL} union all {_copies(values)} {copies} join rows on nth = 1 + copy % row_count")


def first_file(table: str, query: str) -> Change:
    """The first file of the table made anew by a query over its ``rows``."""

    def change(night: Night) -> None:
        night.rewrite(night.first(table), query.replace("{on}", night.on.isoformat()))

    return change


def every_file(query: str) -> Change:
    """Each file of the kind's tables made anew by a query over its ``rows``."""

    def change(night: Night) -> None:
        for file in night.files(*night.tables):
            night.rewrite(file, query)

    return change


def as_csv(edit: Edit) -> Change:
    """The first file of orders as CSV, its bytes edited; ``MARK`` is the buyer of its first row."""
    query = f"select * exclude (nth) replace (if(nth = 1, '{MARK}', buyer_id) as buyer_id) from rows"
    return lambda night: night.convert(night.first("orders"), ".csv", query, edit)


def marked_as(text: bytes) -> Edit:
    """Other bytes where the mark is."""
    return lambda content: content.replace(MARK.encode(), text, 1)


def harmless_csv(edit: Edit) -> Change:
    """The first file of orders as CSV in another form, with the same rows."""
    return lambda night: night.convert(night.first("orders"), ".csv", ALL, edit)


def truncated(night: Night) -> None:
    """The first half of the bytes of the first file of orders."""
    night.convert(night.first("orders"), ".parquet", ALL, lambda content: content[: len(content) // 2])


def emptied(night: Night) -> None:
    """The first file of orders without a byte."""
    file = night.first("orders")
    night.convert(file, file.name[file.name.index(".") :], ALL, lambda content: b"")


def removed(night: Night) -> None:
    """The files of the kind's tables gone, folders and all."""
    night.removed += night.files(*night.tables)


def folders_left_empty(night: Night) -> None:
    """The files of the kind's tables gone, their folders still there."""
    removed(night)
    night.keeps_empty_folders = True


def sent_twice(night: Night) -> None:
    """Every file again under another name."""
    for file in night.files(*night.tables):
        night.repeat(file)


def sent_again_next_day(night: Night) -> None:
    """The files again on the next day, whose own files are gone."""
    night.removed += night.files(*BY_NAME, days_later=1)
    for file in night.files(*night.tables):
        night.repeat(file, days_later=1)


def a_week_late(night: Night) -> None:
    """The rows seven days later, but for those that something newer has replaced by then."""
    night.removed += night.files(*night.tables)
    for file in night.files(*night.tables):
        key = ", ".join(identifier(name) for name in BY_NAME[file.table].key)
        newer = [each for days in range(1, 8) for each in night.files(file.table, days_later=days)]
        night.view("newer", newer or [file])
        night.add(file, f"{ALL} anti join newer using ({key})" if newer else ALL, days_later=7)


def category_renamed(night: Night) -> None:
    """Another name for the most frequent category."""
    files = night.files(*night.tables)
    query = "select category from rows where category is not null group by 1 order by count(*) desc, 1 limit 1"
    category = _only(night, "category", night.values(query, files))
    other = f"if(category = {category}, category || ' (new)', category)"
    for file in files:
        night.rewrite(file, f"select * exclude (nth) replace ({other} as category) from rows")


def hundredfold_in_one_industry(night: Night) -> None:
    """Amounts times 100 for the sellers of the industry with most rows in the first of the kind's tables."""
    night.view("sellers", [file for file in night.landing.files if file.table == "sellers"])
    query = (
        "select sellers.industry from rows join sellers using (seller_id) where sellers.industry is not null "
        "group by 1 order by count(*) desc, 1 limit 1"
    )
    industry = _only(night, "industry", night.values(query, night.files(night.tables[0])))
    amount = f"if(seller_id in (select seller_id from sellers where industry = {industry}), 100, 1) * amount"
    for file in night.files(*night.tables):
        night.rewrite(file, f"select * exclude (nth) replace (({amount})::decimal(18, 2) as amount) from rows")


def _only(night: Night, column: str, found: list[object]) -> str:
    """The one value that was found, as an SQL literal."""
    if not found:
        raise BadInput(f"{night.kind} needs a value of {column}, and {night.on} has none: choose another kind or night")
    return literal(str(found[0]))


def _copies(values: tuple[str, ...]) -> str:
    return f"select rows.* exclude (nth) replace ({', '.join(values)})" if values else "select rows.* exclude (nth)"
