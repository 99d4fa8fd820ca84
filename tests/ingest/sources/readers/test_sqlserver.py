"""The SQL that the reader of SQL Server would send, and its errors: no server is installed here that could be asked."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa

from ingest.sources.readers.columns import CLOCK, MOMENT, Column
from ingest.sources.readers.sql_reader import Asked
from ingest.sources.readers.sqlserver import SqlServerReader
from tests.ingest.sources.readers.shop import shop
from tradeline.errors import BadInput, TradelineError
from tradeline.settings import Settings


@pytest.fixture
def reader() -> SqlServerReader:
    """One that is not connected."""
    made = SqlServerReader.__new__(SqlServerReader)
    made._engine = sa.create_engine("mssql+pymssql://host/shop")
    return made


@pytest.mark.parametrize(
    ("described", "sizes", "sql", "kind"),
    [
        ("bigint", (19, 0), "asked.[c]", pa.int64()),
        ("bit", (1, 0), "asked.[c]", pa.bool_()),
        ("nvarchar(50)", (0, 0), "asked.[c]", pa.string()),
        ("varbinary(max)", (0, 0), "asked.[c]", pa.binary()),
        ("decimal(12,2)", (12, 2), "convert(varchar(41), cast(asked.[c] as decimal(12, 2)))", pa.decimal128(12, 2)),
        ("money", (19, 4), "convert(varchar(41), cast(asked.[c] as decimal(19, 4)))", pa.decimal128(19, 4)),
        ("datetime2(7)", (27, 7), "convert(varchar(33), cast(asked.[c] as datetime2(6)), 126)", CLOCK),
        ("date", (10, 0), "convert(varchar(10), asked.[c], 23)", pa.date32()),
        ("datetimeoffset(7)", (34, 7),
         "convert(varchar(33), cast(switchoffset(asked.[c], '+00:00') as datetime2(6)), 126)", MOMENT),
        ("uniqueidentifier", (0, 0), "rtrim(convert(nvarchar(max), asked.[c]))", pa.string()),
    ],
)  # fmt: skip
def test_each_type_has_its_expression(
    reader: SqlServerReader, described: str, sizes: tuple[int, int], sql: str, kind: pa.DataType
) -> None:
    assert reader._column("c", described, *sizes) == Column("c", sql, kind)


def test_texts_of_the_server_are_parsed(reader: SqlServerReader) -> None:
    amount = Column("amount", "", pa.decimal128(12, 2))
    moment, clock = Column("at", "", MOMENT), Column("at", "", CLOCK)
    assert str(reader.arrow(amount, ["19.99", None]).to_pylist()) == "[Decimal('19.99'), None]"
    assert reader.arrow(moment, ["2026-01-31T10:00:00.123456"])[0].as_py() == datetime(
        2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC
    )
    assert reader.arrow(clock, ["2026-01-31T10:00:00"])[0].as_py() == datetime(2026, 1, 31, 10)
    assert reader.arrow(Column("n", "", pa.int64()), [1, None]).to_pylist() == [1, None]


def test_statements_are_of_this_servers_sql(reader: SqlServerReader) -> None:
    number, name = Column("id", "asked.[id]", pa.int64()), Column("na]me", "asked.[na]]me]", pa.string())
    at = Column("at", "asked.[at]", MOMENT)
    since = reader.compared(at, ">=", datetime(2026, 1, 31, tzinfo=UTC))
    assert since == "asked.[at] >= cast(N'2026-01-31 00:00:00+00:00' as datetimeoffset(6))"
    asked = Asked("[dbo].[orders] as asked", (number, name), (since, reader._among([name], [("O'1",)])), limit=5)
    assert reader.statement(asked) == (
        "select top (5) asked.[id] as [id], asked.[na]]me] as [na]]me] from [dbo].[orders] as asked "
        f"where {since} and asked.[na]]me] in (N'O''1')"
    )


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (
            (18456, b"Login failed for user 'anna'.DB-Lib error message 20018"),
            BadInput,
            "access is refused: Login failed",
        ),
        (
            (208, b"Invalid object name 'ordres'.DB-Lib error message 20018, severity 16:\nGeneral"),
            BadInput,
            r"Invalid object name 'ordres'. \(208\)",
        ),
        ((1205, b"Transaction was deadlocked"), TradelineError, "deadlocked .*try again"),
        ((3952, b"Snapshot isolation transaction failed"), BadInput, "allow_snapshot_isolation on"),
    ],
)
def test_errors_are_told_apart(
    reader: SqlServerReader, arguments: tuple[int, bytes], kind: type[Exception], words: str
) -> None:
    told = reader.fault(sa.exc.OperationalError("select", None, Exception(arguments)), "source shop")
    assert type(told) is kind
    with pytest.raises(kind, match=words):
        raise told


def test_a_server_that_cannot_be_reached(settings: Settings) -> None:
    private = Settings(home=settings.home, password={"shop": "hidden1"})
    with (
        pytest.raises(TradelineError, match=r"source shop .*cannot be reached.*127.0.0.1.*try again") as gone,
        shop(private, "sqlserver", "mssql://anna@127.0.0.1:1/shop"),
    ):
        pass
    assert not isinstance(gone.value, BadInput) and "hidden1" not in str(gone.value)
