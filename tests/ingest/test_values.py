"""What landed texts and Parquet types mean: which moment, day, amount and id they are, or why they are refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.quarantine import clear, list_quarantined
from tests.ingest.extract import NIGHT, Row, admitted, ask, land, path_of, row
from tradeline.contracts.raw import NIGHT_AMOUNT_MAX
from tradeline.errors import BadInput
from tradeline.settings import Settings

TEN = datetime(2018, 5, 1, 10)
TWO = datetime(2018, 5, 1, 2)
FRACTION = datetime(2018, 5, 1, 10, 0, 0, 123456)
LETTERS = "names a time zone by letters, which differ from place to place: write the offset instead"
NUMBER = "is a number, and from when and in what it counts is not said: write year, month and day in this order"
YEAR = "has a year of two digits: write year, month and day in this order"
DAY = "does not say which number is the day and which the month: write year, month and day in this order"
WORDS = "has words in it: write year, month and day in this order"
CALENDAR = "is no moment of the calendar or the clock"
SPAN = "times are from 1990 to 2199: if it stands for no value, leave it empty"
FORM = "is in no form that is read"

TIMES: list[tuple[str, datetime | str]] = [
    # ISO 8601, PostgreSQL, MySQL, SQL Server, Redshift, pandas, Arrow, Spark, SQLite, Stripe
    ("2018-05-01 10:00:00", TEN),
    ("2018-05-01T10:00:00", TEN),
    ("2018-05-01t10:00:00z", TEN),
    ("2018-05-01 10:00", TEN),
    ("2018-05-01", datetime(2018, 5, 1)),
    ("2018-05-01 10:00:00.1", datetime(2018, 5, 1, 10, 0, 0, 100_000)),
    ("2018-05-01 10:00:00.123456", FRACTION),
    ("2018-05-01T10:00:00.1234567Z", FRACTION),
    ("2018-05-01T10:00:00.123456789", FRACTION),
    ("2018-05-01 09:59:59.9999999", datetime(2018, 5, 1, 9, 59, 59, 999999)),
    ("2018-05-01T10:00:00Z", TEN),
    ("2018-05-01 10:00:00+00", TEN),
    ("2018-05-01 10:00:00 +00:00", TEN),
    ("2018-05-01T10:00:00-00:00", TEN),
    # BigQuery, Ruby and Go
    ("2018-05-01 10:00:00 UTC", TEN),
    ("2018-05-01 10:00:00.123456 UTC", FRACTION),
    ("2018-05-01 10:00:00 +0000 UTC", TEN),
    ("2018-05-01 10:00:00 GMT", TEN),
    # offsets: Shopify, Amazon, Mercado Libre, SQL Server's datetimeoffset, Snowflake, Java
    ("2018-05-01 10:00:00+08", TWO),
    ("2018-05-01 10:00:00+0800", TWO),
    ("2018-05-01T10:00:00+08:00", TWO),
    ("2018-05-01 10:00:00.0000000 +08:00", TWO),
    ("2018-04-30 22:00:00 -0400", TWO),
    ("2018-04-30T22:00:00.000-04:00", TWO),
    ("2018-05-01T10:00+08:00", TWO),
    ("2018-05-01T10:00+08:00[Asia/Shanghai]", TWO),
    ("2018-05-01 15:45:00+05:45", TEN),
    # spreadsheets set to Chinese or Japanese
    ("2018/5/1 9:05", datetime(2018, 5, 1, 9, 5)),
    ("2018/05/01 10:00:00", TEN),
    ("2018-5-1", datetime(2018, 5, 1)),
    (" 2018-05-01 10:00:00\t", TEN),
    # zones by letters or names
    ("2018-05-01 10:00:00 CST", LETTERS),
    ("2018-05-01 10:00:00 IST", LETTERS),
    ("2018-05-01T10:00:00EST", LETTERS),
    ("2018-05-01 10:00:00 America/New_York", LETTERS),
    ("2018-05-01 10:00:00 GMT+8", "has an offset that some read with the opposite sign"),
    ("Tue May 01 10:00:00 CST 2018", WORDS),
    ("Tue May 01 2018 10:00:00 GMT+0800 (China Standard Time)", "has an offset that some read"),
    ("Tue, 01 May 2018 10:00:00 GMT", WORDS),
    # day and month in an order of their own, years of two digits: Excel, Etsy, eBay, PayPal, Oracle, Amazon
    ("05/01/2018 10:00:00", DAY),
    ("01.05.2018 10:00:00 UTC", DAY),
    ("1/5/2018", DAY),
    ("25-05-01 10:00:00", YEAR),
    ("05/01/18", YEAR),
    ("01-MAY-18 10.00.00.000000 AM", "has a clock of 12 hours"),
    ("01-MAY-18", YEAR),
    ("May-01-18", WORDS),
    ("May 1, 2018 10:00:00 AM PDT", "has a clock of 12 hours"),
    ("5/1/2018 10:00 PM", "has a clock of 12 hours"),
    # numbers: Excel's days, seconds, milliseconds, .NET's ticks, compact dates, JSON of .NET
    ("43221.4166667", NUMBER),
    ("1525168800", NUMBER),
    ("1525168800000", NUMBER),
    ("1.5251688E+12", NUMBER),
    ("636607656000000000", NUMBER),
    ("20180501100000", NUMBER),
    ("20180501T100000Z", FORM),
    ("/Date(1525168800000)/", FORM),
    # no moment
    ("2018-02-29 10:00:00", CALENDAR),
    ("2018-05-01 10:61:00", CALENDAR),
    ("2018-05-01 10:00:00+25:00", CALENDAR),
    ("2018-05-01 24:00:00", "has an hour 24"),
    ("2018-04-30 23:59:60", "has a leap second"),
    ("2018-05-01 10:00:00.1234567891", CALENDAR),
    ("infinity", SPAN),
    ("-infinity", SPAN),
    ("0001-01-01 00:00:00", SPAN),
    ("0025-05-01 10:00:00", SPAN),
    ("1970-01-01 00:00:00", SPAN),
    ("9999-12-31 23:59:59", SPAN),
    ("2018-05-01 (BC)", LETTERS),
    ("yesterday", WORDS),
]


# A column, the value that lands in it, and the type of the Parquet column; None is a CSV file.
Case = tuple[str, Any, pa.DataType | None]
Read = Callable[[str, tuple[Case, ...]], list[Any]]
KEYS = {"sellers": "seller_id", "orders": "order_id", "repayments": "installment_no"}


@dataclass(frozen=True)
class Refused:
    """A file is refused for these faults."""

    faults: str


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """What is read of each case, as ``outcomes`` tells it; cases of one table land once, in a home of their own."""
    return cache(lambda table, cases: outcomes(Settings(home=tmp_path_factory.mktemp("home")), table, cases))


def outcomes(settings: Settings, table: str, cases: tuple[Case, ...]) -> list[Any]:
    """The value of each case, landed in a file of its own, or "set aside", or the faults of a file that is refused."""
    for other in {"sellers", "loans", "orders"} - {table}:
        land(settings, other)
    names = [f"{number}.{'csv' if kind is None else 'parquet'}" for number, (_, _, kind) in enumerate(cases)]
    for number, (name, (column, value, kind)) in enumerate(zip(names, cases, strict=True)):
        land_value(settings, table, row(table, **{KEYS[table]: str(number + 7), column: value}), column, kind, name)
    refused: dict[str, Refused] = {}
    try:
        found = admitted(settings)
    except BadInput:
        refused = {file.name: Refused("; ".join(file.faults)) for file in list_quarantined(settings)}
        for name in refused:
            clear(settings, table, NIGHT, name)
        found = admitted(settings)
    columns = {column for column, _, _ in cases}
    values = {
        column: dict(ask(found, f"select parse_filename(source_file), {column} from raw.{table}")) for column in columns
    }
    return [
        refused.get(name) or values[column].get(name, "set aside")
        for name, (column, _, _) in zip(names, cases, strict=True)
    ]


def land_value(
    settings: Settings, table: str, landed: Row, column: str, kind: pa.DataType | None, name: str = "part-0.csv"
) -> None:
    """Land one row, as CSV or as Parquet whose ``column`` is of this type."""
    if kind is None:
        land(settings, table, landed, name=name)
        return
    path = path_of(settings, table, name=name)
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: pa.array([each], kind if name == column else pa.string()) for name, each in landed.items()}
    pq.write_table(pa.table(columns), path)


def outcome(settings: Settings, table: str, column: str) -> Any:
    """The column's value in the admitted row whose key is ``x``, or the message that refuses the file."""
    try:
        found = admitted(settings)
    except BadInput as refused:
        return str(refused)
    rows = ask(found, f"select {column} from raw.{table} where {table[:-1]}_id = 'x'")
    return rows[0][0] if rows else "set aside"


def check(found: Any, wanted: Any) -> None:
    if isinstance(found, Refused):
        assert str(wanted) in found.faults
    else:
        assert found == wanted


TEXTS: tuple[Case, ...] = tuple(("paid_at", text, None) for text, _ in TIMES)


@pytest.mark.parametrize("number", range(len(TIMES)), ids=[text for text, _ in TIMES])
def test_a_text_is_this_moment_or_refused(read: Read, number: int) -> None:
    text, wanted = TIMES[number]
    found = read("orders", TEXTS)[number]
    check(found, wanted)
    assert not isinstance(found, Refused) or f"'{text}'" in found.faults


NANOSECONDS = 1525168800_123456999


PARQUET_TIMES: list[tuple[pa.DataType, Any, Any]] = [
    (pa.timestamp("ns", "UTC"), NANOSECONDS, FRACTION),
    (pa.timestamp("ns", "Asia/Shanghai"), NANOSECONDS, FRACTION),
    (pa.timestamp("ns"), NANOSECONDS, FRACTION),
    (pa.timestamp("us", "America/New_York"), TEN.replace(tzinfo=UTC), TEN),
    (pa.timestamp("us"), TEN, TEN),
    (pa.timestamp("ms"), TEN, TEN),
    (pa.timestamp("s"), TEN, TEN),
    (pa.date32(), date(2018, 5, 1), datetime(2018, 5, 1)),
    (pa.date64(), date(2018, 5, 1), datetime(2018, 5, 1)),
    (pa.binary(), b"2018-05-01 10:00:00+08:00", TWO),
    (pa.large_string(), "2018-05-01 10:00:00", TEN),
    (pa.dictionary(pa.int8(), pa.string()), "2018-05-01 10:00:00", TEN),
    (pa.timestamp("us"), None, None),
    (pa.bool_(), None, None),
    (pa.int64(), None, None),
    (pa.float64(), None, None),
    (pa.null(), None, None),
    (pa.list_(pa.int8()), None, None),
    (pa.time64("us"), time(10), "column paid_at: holds TIME, not a time"),
    (pa.int64(), 1525168800, "column paid_at: holds BIGINT, not a time"),
    (pa.timestamp("us"), datetime(1970, 1, 1), SPAN),
]
PARQUET: tuple[Case, ...] = tuple(("paid_at", value, kind) for kind, value, _ in PARQUET_TIMES)


@pytest.mark.parametrize("number", range(len(PARQUET)), ids=[str(kind) for _, _, kind in PARQUET])
def test_a_parquet_time_is_this_moment_or_refused(read: Read, number: int) -> None:
    check(read("orders", PARQUET)[number], PARQUET_TIMES[number][-1])


def test_the_old_timestamps_of_96_bits_are_read(settings: Settings) -> None:
    land(settings, "sellers")
    path = land(settings, "orders", row("orders", order_id="x", paid_at=TEN), name="part-0.parquet")
    pq.write_table(pq.read_table(path), path, use_deprecated_int96_timestamps=True)
    assert outcome(settings, "orders", "paid_at") == TEN


DUE_DAYS: list[tuple[Any, pa.DataType | None, Any]] = [
    ("2018-06-01", None, date(2018, 6, 1)),
    ("2018/6/1", None, date(2018, 6, 1)),
    ("2018-06-01 00:00:00", None, date(2018, 6, 1)),
    ("2018-06-01T00:00:00Z", None, date(2018, 6, 1)),
    (
        "2018-06-01T00:00:00+08:00",
        None,
        "it is not midnight there or, with an offset, in TRADELINE_TIMEZONE: write the day that is meant",
    ),
    (
        "2018-06-01 23:59:59",
        None,
        "it is not midnight there or, with an offset, in TRADELINE_TIMEZONE: write the day that is meant",
    ),
    ("01/06/2018", None, DAY),
    (date(2018, 6, 1), pa.date32(), date(2018, 6, 1)),
    (datetime(2018, 6, 1), pa.timestamp("ns"), date(2018, 6, 1)),
    (datetime(2018, 6, 1, 1), pa.timestamp("us"), "it is not midnight there"),
]
DAYS: tuple[Case, ...] = tuple(("due_on", value, kind) for value, kind, _ in DUE_DAYS)


@pytest.mark.parametrize("number", range(len(DAYS)))
def test_a_day_is_a_day_or_midnight(read: Read, number: int) -> None:
    check(read("repayments", DAYS)[number], DUE_DAYS[number][-1])


ORDER_AMOUNTS: list[tuple[Any, pa.DataType | None, Any]] = [
    ("1200000.01", None, "1200000.01"),
    ("1200000.0100", None, "1200000.01"),
    ("5.", None, "5.00"),
    (".5", None, "0.50"),
    ("+5", None, "5.00"),
    (" 7 ", None, "7.00"),
    ("1000000000000", None, "1000000000000.00"),
    ("1200000.019", None, "has more than 2 decimals: write 2"),
    ("0.001", None, "has more than 2 decimals"),
    ("1234.500", None, "1234.50"),
    ("0.500", None, "0.50"),
    ("1.500", None, "its point may be before decimals or before thousands"),
    ("150.125", None, "its point may be before decimals or before thousands"),
    ("1.234.567", None, "its point may be before decimals or before thousands"),
    ("12345678901234567890", None, "it has more digits than an amount can have"),
    ("1,234.50", None, "has other signs than one decimal point"),
    ("1.234,50", None, "has other signs than one decimal point"),
    ("1 234", None, "has other signs than one decimal point"),
    ("1_000", None, "has a unit or other letters"),
    ("¥100", None, "has a unit or other letters"),
    ("100 CNY", None, "has a unit or other letters"),
    ("(100.00)", None, "has the sign of an accountant"),
    ("100-", None, "has the sign of an accountant"),
    ("1e3", None, "write every digit"),
    ("0x10", None, "has a unit or other letters"),
    ("9999999999999999.99", None, "is above 1,000,000,000,000"),
    (Decimal("1200000.01"), pa.decimal128(18, 4), "1200000.01"),
    (Decimal("0.50"), pa.decimal128(38, 38), "0.50"),
    (Decimal("0.505"), pa.decimal128(38, 38), "has more than 2 decimals"),
    (Decimal("1200000.019"), pa.decimal128(38, 10), "has more than 2 decimals"),
    (7, pa.int8(), "7.00"),
    (7, pa.uint64(), "7.00"),
    (0.1 + 0.2, pa.float64(), "0.30"),
    (123456789012.34, pa.float64(), "123456789012.34"),
    (1200000.019, pa.float64(), "has more than 2 decimals"),
    (123456789012.345, pa.float64(), "has more than 2 decimals"),
    (1e20, pa.float64(), "is not an amount"),
    (131071.99, pa.float32(), "131071.99"),
    (200000.0, pa.float32(), "is a FLOAT, which does not hold cents from 131,072 on"),
    (0.125, pa.float32(), "has more than 2 decimals"),
    (b"12.50", pa.binary(), "12.50"),
    (True, pa.bool_(), "holds BOOLEAN, not an amount"),
]
AMOUNTS: tuple[Case, ...] = tuple(("amount", value, kind) for value, kind, _ in ORDER_AMOUNTS)


@pytest.mark.parametrize("number", range(len(AMOUNTS)))
def test_an_amount_is_exact_or_refused(read: Read, number: int) -> None:
    found = read("orders", AMOUNTS)[number]
    check(found if isinstance(found, Refused) else str(found), ORDER_AMOUNTS[number][-1])


@pytest.mark.parametrize(
    ("text", "wanted"), [("365.0", 365), ("1000.000", 1000), ("1.000", "its point may be before decimals")]
)
def test_a_whole_number_has_no_separators(settings: Settings, text: str, wanted: Any) -> None:
    land(settings, "sellers")
    land(settings, "orders")
    land(settings, "loans", row("loans", loan_id="x", term_days=text))
    found = outcome(settings, "loans", "term_days")
    assert wanted in found if isinstance(wanted, str) else found == wanted


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()], ids=str)
def test_nan_is_no_value_beside_numbers_that_a_file_names_as_its_least_and_largest(
    settings: Settings, kind: pa.DataType
) -> None:
    """DuckDB takes ``isnan`` for false where a Parquet file says between which numbers its own are."""
    numbers = {"loans": ["principal", "annual_rate", "term_days"], "orders": ["freight", "category"]}
    land(settings, "sellers")
    for table, columns in numbers.items():
        values = pa.array([1.0, float("nan"), 2.0], kind, from_pandas=False)
        landed = pa.Table.from_pylist([row(table, **{f"{table[:-1]}_id": each}) for each in "abc"])
        for column in columns:
            landed = landed.append_column(column, values)
        path = path_of(settings, table, name="part-0.parquet")
        path.parent.mkdir(parents=True)
        pq.write_table(landed, path)
    found = admitted(settings)
    for table, columns in numbers.items():
        rows = ask(found, f"select {', '.join(columns)} from raw.{table} order by {table[:-1]}_id")
        assert [[value is None for value in each] for each in rows] == [
            [missing] * len(columns) for missing in (False, True, False)
        ]


def test_a_float_holds_every_cent_below_the_bound_and_is_read_as_that_cent(settings: Settings) -> None:
    land(settings, "sellers")
    cents = range(13_107_199 - 3_000, 13_107_200)
    rows = [row("orders", order_id=f"o{each}", amount=each / 100) for each in cents]
    path = land(settings, "orders", *rows, name="part-0.parquet")
    table = pq.read_table(path)
    narrow = table.set_column(table.schema.get_field_index("amount"), "amount", table["amount"].cast(pa.float32()))
    pq.write_table(narrow, path)
    found = ask(admitted(settings), "select (amount * 100)::bigint from raw.orders order by 1")
    assert [cent for (cent,) in found] == list(cents)


OPTIONAL_IDS: list[tuple[Any, pa.DataType | None, Any]] = [
    ("owner-1", None, "owner-1"),
    ("  owner 1  ", None, "owner 1"),
    ("\u00a0owner\u3000", None, "owner"),
    ("007", None, "007"),
    ("12e45678", None, "12e45678"),
    ("a.0", None, "a.0"),
    ("123.0", None, "is a floating-point number: write the id as a whole number or as text"),
    ("1.23457E+17", None, "is a number without its last digits"),
    ("1,23457E+17", None, "is a number without its last digits"),
    ("1.23457E17", None, "is a number without its last digits"),
    ('="00123"', None, "is written for a spreadsheet: write the id alone"),
    ("'00123", None, "is written for a spreadsheet: write the id alone"),
    ("'t Hooft", None, "'t Hooft"),
    (123, pa.int32(), "123"),
    (2**63, pa.uint64(), "9223372036854775808"),
    (123.0, pa.float64(), "123"),
    (2.0**53, pa.float64(), "is a DOUBLE, which does not hold every whole number from 9,007,199,254,740,992 on"),
    (17.5, pa.float64(), "is a floating-point number"),
    (2.0**24, pa.float32(), "is a FLOAT, which does not hold every whole number from 16,777,216 on"),
    (Decimal(123), pa.decimal128(38, 10), "123"),
    (Decimal("1.5"), pa.decimal128(38, 10), "is a floating-point number"),
    (b"owner-1", pa.binary(), "owner-1"),
    (b"\xff\xfe", pa.binary(), "is not UTF-8 text: write the column as text"),
    ("owner-1", pa.dictionary(pa.int8(), pa.string()), "owner-1"),
    (True, pa.bool_(), "holds BOOLEAN, not text"),
    (None, pa.bool_(), None),
    (float("nan"), pa.float64(), None),
    (0, pa.int64(), None),
    (0.0, pa.float64(), None),
    *[
        (text, None, None)
        for text in (
            *("", "  ", "NULL", "null", "None", "N/A", "n/a", "NA", "nan", "NaN", r"\N", "-", "--", "#N/A"),
            *("unknown", "Undefined", "(null)", "<NA>", " NULL ", "0", "-1", "未知"),
            "00000000-0000-0000-0000-000000000000",
        )
    ],
]
OWNERS: tuple[Case, ...] = tuple(("owner_id", value, kind) for value, kind, _ in OPTIONAL_IDS)


@pytest.mark.parametrize("number", range(len(OWNERS)))
def test_an_optional_id_is_itself_or_nothing_or_refused(read: Read, number: int) -> None:
    check(read("sellers", OWNERS)[number], OPTIONAL_IDS[number][-1])


STAND_INS: list[tuple[str, str, Any]] = [
    ("paid_at", "NULL", None),
    ("paid_at", "0000-00-00 00:00:00", None),
    ("paid_at", "NaT", None),
    ("paid_at", "0", None),
    ("freight", "n/a", None),
    ("freight", "0", Decimal(0)),
    ("category", "unknown", None),
    ("category", "0", "0"),
    ("ordered_at", "NULL", "set aside"),
    ("amount", "NaN", "set aside"),
    ("buyer_id", "N/A", "set aside"),
    ("buyer_id", "0", "0"),
    ("status", "unknown", "set aside"),
]
MISSING: tuple[Case, ...] = tuple((column, value, None) for column, value, _ in STAND_INS)


@pytest.mark.parametrize("number", range(len(MISSING)))
def test_a_stand_in_is_no_value_in_any_column(read: Read, number: int) -> None:
    check(read("orders", MISSING)[number], STAND_INS[number][-1])


def test_a_stand_in_in_a_key_is_no_key(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", row("orders", order_id="NULL"))
    assert "column order_id: 'NULL' has no value but is part of the key" in outcome(settings, "orders", "order_id")


def test_the_deployment_says_what_stands_for_no_value(settings: Settings) -> None:
    namibian = settings.model_copy(update={"no_value_texts": "keine, 0"})
    land(namibian, "orders")
    land(namibian, "sellers", row("sellers", seller_id="x", region="NA"))
    assert outcome(namibian, "sellers", "region") == "NA"
    land(namibian, "sellers", row("sellers", seller_id="x", region="Keine"))
    assert outcome(namibian, "sellers", "region") is None


@pytest.mark.parametrize(
    ("column", "values", "problem"),
    [
        ("currency", ["CNY", "USD", "EUR"], "row 2, column currency: 'USD' is not CNY"),
        ("Currency Code", ["USD"] * 3, "column Currency Code: 'USD' is not CNY"),
        ("orderCurrency", ["CNY", "CNY", "usd"], "row 3, column orderCurrency: 'usd' is not CNY"),
        ("CCY", ["", "EUR", ""], "row 2, column CCY: 'EUR' is not CNY"),
        ("currency_id", ["CNY", "ARS", "CNY"], "row 2, column currency_id: 'ARS' is not CNY"),
        ("livemode", ["true", "false", "true"], "row 2, column livemode: 'false' marks a row as deleted or as a test"),
        ("livemode", ["true", "True", "1"], None),
        ("TimeZone", ["PDT"] * 3, "'PDT' is a time zone, and times without an offset are read as UTC"),
        ("utc_offset", ["+08:00"] * 3, "'+08:00' is a time zone"),
        ("is_test", ["false", "true", "false"], "row 2, column is_test: 'true' marks a row as deleted or as a test"),
        ("_fivetran_deleted", ["false", "true", "false"], "'true' marks a row as deleted or as a test"),
        ("currency", ["CNY\t", "cny", "\u00a0CNY\u3000"], None),
        ("currency", ["CNY", "cny", ""], None),
        ("timezone", ["UTC", "Z", "+00:00"], None),
        ("deleted_at", ["", "NULL", ""], None),
        ("is_test", ["false", "0", "F"], None),
        ("currency_rate", ["7.1", "7.2", "7.3"], None),
    ],
)
@pytest.mark.parametrize("name", ["part-0.csv", "part-0.parquet"])
def test_a_column_beside_the_contract_may_not_change_what_the_others_mean(
    settings: Settings, column: str, values: list[str], problem: str | None, name: str
) -> None:
    land(settings, "sellers")
    rows = [row("orders", order_id=f"o{number}") | {column: value} for number, value in enumerate(values)]
    land(settings, "orders", *rows, name=name)
    if problem is None:
        assert ask(admitted(settings), "select count(*) from raw.orders") == [(3,)]
    else:
        assert problem in outcome(settings, "orders", "order_id")


def test_the_message_names_three_rows_and_the_remedy(settings: Settings) -> None:
    land(settings, "sellers")
    land(settings, "orders", *[row("orders", order_id=f"o{each}", currency=f"XX{each:c}") for each in b"ABCDEFGHI"])
    message = outcome(settings, "orders", "order_id")
    assert "row 1, column currency: 'XXA' is not CNY" in message
    assert "convert them to CNY and write CNY there, or land daily rates of it as the table fx_rates; if" in message
    assert "(also rows 2 'XXB', 3 'XXC' and 6 more)" in message


def test_a_night_holds_what_sums_can_hold(settings: Settings) -> None:
    land(settings, "sellers")
    count = int(NIGHT_AMOUNT_MAX / 1e12)
    most = [row("orders", order_id=f"o{each}", amount="1000000000000") for each in range(count)]
    land(settings, "orders", *most)
    assert ask(admitted(settings), "select sum(amount) from raw.orders") == [(Decimal(NIGHT_AMOUNT_MAX),)]
    land(settings, "orders", row("orders", order_id="more", amount="0.01"), name="part-1.csv")
    message = outcome(settings, "orders", "order_id")
    assert "part-0.csv row 1, column amount and freight: '1,000,000,000,000.00' is the most that a row adds" in message
    assert "above 10,000,000,000,000, the most that a night can hold: write amounts in units" in message


def test_rows_set_aside_name_their_first_three(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    land(settings, "sellers")
    land(settings, "orders", *[row("orders", order_id=f"o{each}", seller_id=f"nobody-{each}") for each in range(5)])
    admitted(settings)
    first = ", ".join(f"orders/arrived_on=2018-05-01/part-0.csv row {each + 1} 'nobody-{each}'" for each in range(3))
    assert (
        f"orders: 5 rows set aside: seller_id names a seller that is not known by that night ({first})" in caplog.text
    )
