"""The ``olist`` connector: the public Olist archive, turned into arrivals as they would have come (docs/olist.md)."""

import logging
import shutil
import tempfile
import time
import zipfile
import zlib
from datetime import date
from pathlib import Path

import duckdb

from ingest.landing import NIGHT_PREFIX, LandedFile
from ingest.place import LandReport, place_all
from ingest.validate.days import in_utc, local_time
from tradeline.database import Limits, connect, scalar
from tradeline.errors import BadInput
from tradeline.settings import Settings
from tradeline.sql import literal, plain_path

log = logging.getLogger(__name__)

SQL = Path(__file__).parent / "olist_sql"
TABLES = ("sellers", "orders", "payments", "reviews")
# The archive's members that are read, under the names that the SQL uses. Columns without a type are text.
MEMBERS: dict[str, tuple[str, str]] = {
    "orders": (
        "olist_orders_dataset.csv",
        "order_id, customer_id, order_status, order_purchase_timestamp timestamp, order_approved_at timestamp, "
        "order_delivered_carrier_date timestamp, order_delivered_customer_date timestamp, "
        "order_estimated_delivery_date timestamp",
    ),
    "items": (
        "olist_order_items_dataset.csv",
        "order_id, order_item_id integer, product_id, seller_id, shipping_limit_date timestamp, price decimal(18,2), "
        "freight_value decimal(18,2)",
    ),
    "payments": (
        "olist_order_payments_dataset.csv",
        "order_id, payment_sequential integer, payment_type, payment_installments integer, payment_value decimal(18,2)",
    ),
    "reviews": (
        "olist_order_reviews_dataset.csv",
        "review_id, order_id, review_score integer, review_comment_title, review_comment_message, "
        "review_creation_date timestamp, review_answer_timestamp timestamp",
    ),
    "customers": (
        "olist_customers_dataset.csv",
        "customer_id, customer_unique_id, customer_zip_code_prefix, customer_city, customer_state",
    ),
    "sellers": ("olist_sellers_dataset.csv", "seller_id, seller_zip_code_prefix, seller_city, seller_state"),
    "products": (
        "olist_products_dataset.csv",
        "product_id, product_category_name, product_name_lenght, product_description_lenght, product_photos_qty, "
        "product_weight_g, product_length_cm, product_height_cm, product_width_cm",
    ),
    "categories": (
        "product_category_name_translation.csv",
        "product_category_name, product_category_name_english",
    ),
    "deals": (
        "olist_closed_deals_dataset.csv",
        "mql_id, seller_id, sdr_id, sr_id, won_date timestamp, business_segment, lead_type, lead_behaviour_profile, "
        "has_company, has_gtin, average_stock, business_type, declared_product_catalog_size, "
        "declared_monthly_revenue",
    ),
}


def land_olist(settings: Settings, source: Path) -> LandReport:
    """Land the whole Olist archive, a zip file or a folder, as one file per table and night.

    The same archive always gives the same bytes, so landing it again changes nothing.

    Raises:
        BadInput: the archive is damaged, or a member is missing or has other columns.
    """
    started = time.monotonic()
    settings.landing.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".olist-", dir=settings.landing) as scratch:
        members = _members(source, Path(scratch) / "dump")
        # One thread keeps the rows of a file in one order, and the whole archive takes seconds anyway.
        limits = Limits(1, settings.memory_limit)
        with connect(limits, spill=Path(scratch) / "spill") as connection:
            for name, path in members.items():
                _read_member(connection, name, path, settings.timezone)
            connection.execute(f"create macro day_of(moment) as ({local_time('moment', settings.timezone)})::date")
            connection.execute((SQL / "facts.sql").read_text())
            if not scalar(connection, "select count(*) from order_sellers"):
                raise BadInput(f"{source} has no orders with items")
            _log_left_out(connection)
            rows = {table: _write(connection, table, Path(scratch) / "arrivals" / table) for table in TABLES}
        report = place_all(settings, _written(Path(scratch) / "arrivals"), rows)
    log.info(
        "olist: %s, %s nights from %s to %s, %s of %s files are new, %.1f s",
        ", ".join(f"{count:,} {table}" for table, count in rows.items()),
        f"{report.nights:,}",
        report.first_on,
        report.last_on,
        f"{report.new_files:,}",
        f"{report.files:,}",
        time.monotonic() - started,
    )
    return report


def _members(source: Path, scratch: Path) -> dict[str, Path]:
    """Where the members are, by the names that the SQL uses; those of a zip are unpacked into ``scratch``."""
    if source.is_dir():
        found = {path.name: path for path in sorted(source.rglob("*.csv"), reverse=True)}
    elif source.is_file():
        found = _unpack(source, scratch)
    else:
        raise BadInput(f"{source}: no such file or folder; give the Olist archive as a zip or unpacked")
    missing = [member for member, _ in MEMBERS.values() if member not in found]
    if missing:
        raise BadInput(f"{source} is not the whole Olist archive; missing: {', '.join(missing)}")
    return {name: found[member] for name, (member, _) in MEMBERS.items()}


def _unpack(source: Path, scratch: Path) -> dict[str, Path]:
    scratch.mkdir()
    wanted = {member for member, _ in MEMBERS.values()}
    found = {}
    try:
        with zipfile.ZipFile(source) as archive:
            for member in archive.namelist():
                name = Path(member).name
                if name in wanted:
                    with archive.open(member) as packed, (scratch / name).open("wb") as unpacked:
                        shutil.copyfileobj(packed, unpacked, 1 << 20)
                    found[name] = scratch / name
    except (RuntimeError, NotImplementedError) as error:  # what zipfile says of a password, and of its own limits
        raise BadInput(f"{source} cannot be unpacked ({error}): give the archive as Kaggle serves it") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise BadInput(f"{source} is damaged or not a zip file ({error}): download it again") from error
    return found


def _read_member(connection: duckdb.DuckDBPyConnection, name: str, path: Path, zone: str) -> None:
    """Read a member into a table; its times, what clocks in Brazil showed, are taken as those of the business zone."""
    named = (column.split() for column in MEMBERS[name][1].split(", "))
    columns = {words[0]: words[-1] if len(words) > 1 else "varchar" for words in named}
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        header = [column.strip('"') for column in lines.readline().rstrip("\r\n").split(",")]
    if header != list(columns):
        raise BadInput(f"{path.name}: the columns are {', '.join(header)} but should be {', '.join(columns)}")
    types = ", ".join(f"'{column}': '{kind}'" for column, kind in columns.items())
    times = [f"{in_utc(column, zone)} as {column}" for column, kind in columns.items() if kind == "timestamp"]
    replaced = f"replace ({', '.join(times)}) " if times else ""
    try:
        connection.execute(
            f"""
            create table {name} as select * {replaced}from read_csv(
                {literal(plain_path(path))}, auto_detect = false, header = true, columns = {{{types}}},
                delim = ',', quote = '"', escape = '"', strict_mode = true
            )
            """
        )
    except duckdb.Error as error:
        raise BadInput(f"{path.name} is damaged: {str(error).splitlines()[0]}") from error


def _log_left_out(connection: duckdb.DuckDBPyConnection) -> None:
    """An order without items names no seller, so neither it nor its payments and reviews can be anybody's."""
    orders, payments, amount, reviews = connection.execute(
        """
        with left_out as (select order_id from orders anti join order_sellers using (order_id))
        select
            (select count(*) from left_out),
            (select count(*) from payments semi join left_out using (order_id)),
            (select coalesce(sum(payment_value), 0) from payments semi join left_out using (order_id)),
            (select count(*) from reviews semi join left_out using (order_id))
        """
    ).fetchall()[0]
    log.warning(
        "olist: %s orders without items are left out, with %s payments (%s in all) and %s reviews",
        f"{orders:,}",
        f"{payments:,}",
        f"{amount:,}",
        f"{reviews:,}",
    )


def _write(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> int:
    folder.mkdir(parents=True)
    query = (SQL / f"{table}.sql").read_text()
    return int(
        scalar(connection, f"copy ({query}) to {literal(str(folder))} (format parquet, partition_by (arrived_on))")
    )


def _written(folder: Path) -> list[LandedFile]:
    files = []
    for path in folder.glob(f"*/{NIGHT_PREFIX}*/*.parquet"):
        stat = path.stat()
        night = date.fromisoformat(path.parent.name.removeprefix(NIGHT_PREFIX))
        name = path.name.replace("data_", "part-")
        files.append(LandedFile(path.parent.parent.name, night, name, path, stat.st_size, stat.st_mtime_ns))
    return files
