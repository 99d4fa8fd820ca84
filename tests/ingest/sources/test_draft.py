"""The first mapping of a source: what is found, what is asked for, and what never stands in it."""

import sqlite3
from pathlib import Path

import psycopg
import pytest
import yaml

from ingest.sources.check import check_source
from ingest.sources.draft import write_draft
from ingest.sources.draft.choose import choose_tables
from ingest.sources.draft.survey import open_survey
from ingest.sources.mapping import Kind, Source
from ingest.sources.names import read_source
from tests.ingest.sources.readers.servers import empty
from tradeline.errors import BadInput
from tradeline.settings import Settings

pytestmark = pytest.mark.slow
SCHEMAS = Path(__file__).parent / "schemas"
GERMAN = {
    "Bestellungen.csv": """\
Bestellnummer;Händler-Nr;Kundennummer;Bestelldatum;Bezahlt am;Versanddatum;Lieferdatum;Status;Warenwert;Versandkosten
B-1;H1;K1;03.01.2025 10:00;03.01.2025 10:05;05.01.2025 09:00;07.01.2025 14:00;geliefert;1.234,50;4,90
B-2;H2;K2;13.02.2025 11:00;13.02.2025 11:05;;;bezahlt;20,00;0,00
B-3;H1;K2;14.02.2025 12:00;;;;storniert;7,95;3,00
B-4;H1;K3;14.02.2025 13:00;;;;Klärfall;7,95;3,00
""",
    "Haendler.csv": """\
Händler-Nr;Rechtsform;Registriert am;Branche;Bundesland;Inhaber
H1;GmbH;01.05.2020;Möbel;Bayern;Max Mustermann
H2;privat;17.06.2021;Mode;Hessen;Erika Musterfrau
""",
}


def test_a_folder_of_german_csv_lands_once_its_one_question_is_answered(settings: Settings, tmp_path: Path) -> None:
    path = write_draft(settings, "laden", "files", str(_folder(tmp_path, GERMAN)), None)
    source = read_source(settings, "laden")
    assert (source.dialect.delimiter, source.dialect.decimal, source.dialect.thousands) == (";", ",", ".")
    assert set(source.dialect.time_formats) == {"%d.%m.%Y", "%d.%m.%Y %H:%M"}
    assert "Klärfall" in str(check_source(settings, "laden").faults)
    question = "# Klärfall:  # required: created or paid or shipped or delivered or cancelled"
    path.write_text(path.read_text().replace(question, "Klärfall: created"))
    checked = check_source(settings, "laden", first_rows=99)
    assert (checked.faults, checked.set_aside) == ([], [])
    columns, rows = checked.first_rows["orders"]
    found = {tuple(str(row[columns.index(name)]) for name in ("order_id", "amount", "ordered_at")) for row in rows}
    assert ("B-1", "1234.50", "2025-01-03 10:00:00") in found


def test_what_is_required_and_was_not_found_is_refused_by_its_line(settings: Settings, tmp_path: Path) -> None:
    folder = _folder(tmp_path, {"sellers.csv": "shop_id,opened_at\n1,2020-01-01\n"})
    lines = write_draft(settings, "x", "files", str(folder), None).read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if line.strip().startswith("seller_type:  # required")]
    assert "\"'individual'\" or \"'business'\"" in lines[number - 1]
    with pytest.raises(BadInput, match=rf"x\.yml, line {number}: tables\.sellers\.columns\.seller_type: no column yet"):
        read_source(settings, "x")


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.csv": ""},
        {"notes.csv": "hello\nworld\n"},
        {"a.csv": "q,w\n1,2\n", "b.csv": "x,y,z\n"},
        {"x.pdf": "%PDF"},
    ],
)
def test_where_nothing_is_recognised_the_file_says_so(
    settings: Settings, tmp_path: Path, files: dict[str, str]
) -> None:
    path = write_draft(settings, "x", "files", str(_folder(tmp_path, files)), None)
    assert "required: nothing here looks like a table of the contract" in path.read_text()
    with pytest.raises(BadInput, match=r"x\.yml, line \d+: tables: "):
        read_source(settings, "x")


def test_tables_without_rows_are_found_by_their_names(settings: Settings, tmp_path: Path) -> None:
    headers = {name: content.splitlines()[0] + "\n" for name, content in GERMAN.items()}
    source = _drafted(settings, "files", str(_folder(tmp_path, headers)))
    assert source.tables["orders"].columns["ordered_at"].of == "Bestelldatum"
    assert source.tables["sellers"].columns["seller_type"].of == "Rechtsform"
    assert check_source(settings, "x").rows == {"sellers": 0, "orders": 0}


@pytest.mark.parametrize("kind", ["postgres", "sqlite"])
def test_payments_alone(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest, kind: Kind) -> None:
    url = _loaded(kind, request, tmp_path, "bank")
    source = _drafted(settings, kind, url)
    assert list(source.tables) == ["sellers", "payments"]
    checked = check_source(settings, "x")
    assert (checked.faults, checked.set_aside, checked.rows["payments"]) == ([], [], 4)
    columns, rows = checked.first_rows["payments"]
    moved = {
        (row[columns.index("direction")], row[columns.index("kind")], str(row[columns.index("amount")])) for row in rows
    }
    assert moved <= {
        ("in", "sale", "100.00"),
        ("out", "fee", "1.50"),
        ("out", "payout", "50.00"),
        ("in", "sale", "10.00"),
    }


@pytest.mark.parametrize("kind", ["postgres", "mysql", "sqlite", "duckdb"])
def test_a_seller_that_the_lines_know_is_joined(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest, kind: Kind
) -> None:
    write_draft(settings, "x", kind, _loaded(kind, request, tmp_path, "spanish"), None)
    path = settings.sources / "x.yml"
    path.write_text(path.read_text().replace("seller_id:  # required", "seller_id: \"'1'\"  # required"))
    source = read_source(settings, "x")
    assert source.read["orders"].updated_at == "actualizado_el"
    checked = check_source(settings, "x", first_rows=100)
    assert (checked.faults, checked.set_aside) == ([], [])
    columns, rows = checked.first_rows["orders"]
    found = {tuple(str(row[columns.index(name)]) for name in ("order_id", "seller_id", "amount")) for row in rows}
    assert found == {("1", "1", "20.00"), ("1", "2", "10.00"), ("2", "1", "20.00")}
    assert checked.rows["reviews"] == 2


def test_a_seller_in_files_is_joined(settings: Settings, tmp_path: Path) -> None:
    files = {
        "orders.csv": "order_id,customer_id,status,created_at\n1,7,done,2025-01-01 10:00:00\n",
        "sellers.csv": "id,type,opened\nA,business,2020-01-01\nB,business,2020-01-01\n",
        "order_items.csv": "order_id,seller_id,price,qty,shipping\n1,A,2.50,2,1\n1,A,1.00,1,1\n1,B,9.99,1,0\n",
    }
    assert _drafted(settings, "files", str(_folder(tmp_path, files))).tables["orders"].query
    checked = check_source(settings, "x", first_rows=100)
    columns, rows = checked.first_rows["orders"]
    found = {tuple(str(row[columns.index(name)]) for name in ("seller_id", "amount", "freight")) for row in rows}
    assert found == {("A", "6.00", "2.00"), ("B", "9.99", "0.00")}


def test_a_column_that_is_empty_in_some_rows_recognises_no_change(settings: Settings, tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    with sqlite3.connect(database) as connection:
        connection.execute("create table orders (id, seller_id, customer_id, status, amount, created_at, updated_at)")
        connection.execute(
            "insert into orders values (1, 2, 3, 'paid', 5, '2025-01-01 10:00:00', '2025-01-01 10:00:00')"
        )
        assert _drafted(settings, "sqlite", str(database)).read["orders"].updated_at is None
        connection.commit()
        assert _drafted(settings, "sqlite", str(database)).read["orders"].updated_at == "updated_at"
        connection.execute("insert into orders values (2, 2, 3, 'paid', 5, '2025-01-01 10:00:00', null)")
        connection.commit()
    assert _drafted(settings, "sqlite", str(database)).read["orders"].updated_at is None
    assert "# updated_at: updated_at  # not in all rows" in (settings.sources / "x.yml").read_text()


def test_the_tables_among_200_are_found_and_few_are_read(settings: Settings, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        for number in range(200):
            connection.execute(
                f"create table module_{number}_config (id int, name text, status text, created_at timestamp)".encode()
            )
        connection.execute((SCHEMAS / "german.sql").read_bytes())
    settings.sources.mkdir(parents=True)
    with open_survey(settings, "x", "postgres", postgres_url, None) as survey:
        chosen = {choice.table.name: choice.found.name for choice in choose_tables(survey)}
        read = [found.name for found in survey.found if found.profiles]
    assert chosen == {
        "sellers": "t_haendler", "orders": "t_bestellungen", "payments": "t_zahlungen", "refunds": "t_erstattungen",
        "reviews": "t_bewertungen", "loans": "t_darlehen", "repayments": "t_tilgungen",
        "fx_rates": "t_wechselkurse",
    }  # fmt: skip
    assert len(read) <= 3 * len(chosen)


@pytest.mark.parametrize("kind", ["postgres", "mysql", "sqlite", "duckdb"])
def test_names_and_values_with_odd_signs(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest, kind: Kind
) -> None:
    url, execute = empty(kind, request, tmp_path)
    quote = "`" if kind == "mysql" else '"'
    names = ["order: id", "seller #id", "customer 'id'", "state {}", "created - at", "a\tamount", "no", "Größe & \\n"]
    columns = ", ".join(f"{quote}{name}{quote} varchar(60)" for name in names)
    execute(f"create table {quote}my orders{quote} ({columns})")
    values = ["1", "A: b", "x # y", 'it\'s: "paid" {{ }}', "2025-01-01 10:00:00", "1.50", "yes", "a\nb"]
    written = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    execute(f"insert into {quote}my orders{quote} values ({written})")
    source = _drafted(settings, kind, url)
    orders = source.tables["orders"]
    assert orders.columns["order_id"].of == "order: id"
    assert orders.columns["seller_id"].of == "seller #id"
    assert (orders.columns["status"].of, orders.columns["ordered_at"].of) == ("state {}", "created - at")
    assert "it''s: \"paid\" {{ }}" in (settings.sources / "x.yml").read_text()
    assert [fault for fault in check_source(settings, "x").faults if "column status" not in fault] == []


@pytest.mark.parametrize("schema", [path.stem for path in SCHEMAS.glob("*.sql")])
def test_nothing_personal_is_written(
    settings: Settings, tmp_path: Path, request: pytest.FixtureRequest, schema: str
) -> None:
    write_draft(settings, "x", "duckdb", _loaded("duckdb", request, tmp_path, schema), None)
    written = (settings.sources / "x.yml").read_text()
    persons = [
        "@example.com", "Anna", "Meyer", "Ben", "Kurz", "0170", "170 1234567", "Lea", "Wolf", "Ida", "Blum", "Maria",
        "Silva", "Souza", "Meier", "11222333000144", "12345678901", "10.0.0.1", "Firefox",
    ]  # fmt: skip
    assert [person for person in persons if person in written.replace(str(tmp_path), "")] == []


def test_persons_are_shown_by_their_shape_and_never_as_values_of_a_state(settings: Settings, tmp_path: Path) -> None:
    persons = ["Anna Meyer", "ben@example.com", "+49 170 1234567", "张伟", "DE89370400440532013000", "13812345678"]
    header = "payment_id,seller_id,counterparty,type,region,amount,paid_at\n"
    rows = "".join(f"{number},S,{each},{each},{each},5,2025-01-01\n" for number, each in enumerate(persons))
    files = {"payments.csv": header + rows, "orders.csv": "order_id,buyer_email\n" + "\n".join(persons) + "\n"}
    text = write_draft(settings, "x", "files", str(_folder(tmp_path, files)), None).read_text()
    assert [person for person in persons if person in text] == []
    assert "aaaa aaaaa" in text and "6 value(s) more that may be personal" in text


def test_a_day_that_may_be_a_month_is_asked_for(settings: Settings, tmp_path: Path) -> None:
    header = "order_id,seller_id,customer_id,status,amount,order_date,paid_date\n"
    files = {"orders.csv": f"{header}1,2,3,paid,5,01/02/2025,03/02/2025\n"}
    source = _drafted(settings, "files", str(_folder(tmp_path, files)))
    text = (settings.sources / "x.yml").read_text()
    assert source.dialect.time_formats == ()
    assert "required: ambiguous: 01/02/2025 may be %d/%m/%Y or %m/%d/%Y" in text
    assert "order_date" in str(check_source(settings, "x").faults) or "ordered_at" in str(check_source(settings, "x"))
    files["orders.csv"] += "2,2,3,paid,5,01/02/2025,13/02/2025\n"
    source = _drafted(settings, "files", str(_folder(tmp_path, files)))
    assert source.dialect.time_formats == ("%d/%m/%Y",)


def test_days_in_files_names_are_found(settings: Settings, tmp_path: Path) -> None:
    header = "order_id,seller_id,customer_id,status,amount,order_date\n"
    files = {f"day/orders_2025-01-0{day}.csv": f"{header}{day},2,3,paid,5,2025-01-0{day}\n" for day in range(1, 4)}
    source = _drafted(settings, "files", str(_folder(tmp_path, files)))
    read = source.read["orders"]
    assert (read.files, read.new_files, read.file_day) == ("day/orders_*.csv", True, r"(\d{4}-\d{2}-\d{2})")
    assert check_source(settings, "x").rows == {"orders": 3}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030"])
def test_encodings(settings: Settings, tmp_path: Path, encoding: str) -> None:
    goods = "服装" if encoding == "gb18030" else "Möbel für Gärten"
    rows = "".join(f"S{number},business,2020-01-01,{goods} {number}\n" for number in range(40))
    content = f"seller_id,seller_type,registered_at,industry\n{rows}"
    folder = _folder(tmp_path, {})
    (folder / "sellers.csv").write_bytes(content.encode(encoding))
    assert _drafted(settings, "files", str(folder)).dialect.encoding == encoding.removesuffix("-sig")
    columns, rows_shown = check_source(settings, "x").first_rows["sellers"]
    assert rows_shown[0][columns.index("industry")].startswith(goods)


def test_lines_before_the_header_seconds_and_per_cent(settings: Settings, tmp_path: Path) -> None:
    files = {
        "loans.csv": "Report of 2025\n\nloan_id;seller_id;requested;status;amount;term_months;interest\n"
        "L1;S1;1735725600;active;€ 1000.00;3;12.5\nL2;S1;1735725700;closed;€ 20.50;6;8\n"
    }
    files["sellers.csv"] = "Sellers\n\nseller_id;type;opened\nS1;business;1577836800\n"
    _drafted(settings, "files", str(_folder(tmp_path, files)))
    columns, rows = check_source(settings, "x", first_rows=9).first_rows["loans"]
    loan = {name: str(value) for name, value in zip(columns, rows[-1], strict=True)}
    assert (loan["applied_at"][:10], loan["principal"], loan["term_days"]) == ("2025-01-01", "20.50", "180")
    assert float(loan["annual_rate"]) == 0.08


def test_a_ledger_with_footers_stray_quotes_and_a_folder_for_each_account(settings: Settings, tmp_path: Path) -> None:
    rows = [
        'T1\t,2025-01-01 10:00:00\t,say "hi"\t,pos\t,10.00\t,0.00\t,110.00\t',
        'T2\t,2025-01-02 10:00:00\t,"a" b\t,withdrawal\t,0.00\t,-4.50\t,105.50\t',
    ]
    header = "#Ledger\n流水号,发生时间,备注,业务类型,收入金额,支出金额,账户余额元"
    files = {
        "acme/20880000000000010156_20250103.CSV": "\n".join([header, *rows, ""]),
        "sellers.csv": "id,type,opened\nacme,business,2020-01-01\n",
    }
    source = _drafted(settings, "files", str(_folder(tmp_path, files)))
    assert (source.read["payments"].new_files, source.read["payments"].files) == (
        True,
        "acme/20880000000000010156_*.CSV",
    )
    columns, shown = check_source(settings, "x").first_rows["payments"]
    names = ("payment_id", "seller_id", "direction", "kind", "amount", "balance_after")
    assert {tuple(str(row[columns.index(name)]) for name in names) for row in shown} == {
        ("T1", "acme", "in", "sale", "10.00", "110.00"),
        ("T2", "acme", "out", "payout", "4.50", "105.50"),
    }


def test_what_looks_like_something_else(settings: Settings, tmp_path: Path) -> None:
    """Ids of ten digits are no seconds, a merchant's order id is no merchant, an empty column is a poor guess."""
    header = "Order ID,merchant-order-id,Order Type,Buyer,Status,price-designation,item-price,Date,Hour,Full Name"
    rows = [
        f'{number},W-{number},online,kim,shipped,,"$1,2{number % 100:02}.50",2025-01-02,10:00:00,Kim Lee'
        for number in range(1700000001, 1700000004)
    ]
    folder = _folder(tmp_path, {"orders.csv": "\n".join([header, *rows, ""])})
    write_draft(settings, "x", "files", str(folder), None)
    text = (settings.sources / "x.yml").read_text()
    columns = yaml.safe_load(text)["tables"]["orders"]["columns"]
    assert (columns["order_id"], columns["seller_id"], columns["buyer_id"]) == ("Order ID", None, "Buyer")
    assert "item-price" in columns["amount"] and columns["ordered_at"] == "Date"
    assert "the time of day is in Hour" in text


def test_numbers_that_a_spreadsheet_keeps_as_texts(settings: Settings, tmp_path: Path) -> None:
    files = {"payments.csv": 'payment_id,seller_id,amount,paid_at,direction,type\n"=""17""",S,5,2025-01-01,in,sale\n'}
    files["sellers.csv"] = "id,type,opened\nS,business,2020-01-01\n"
    _drafted(settings, "files", str(_folder(tmp_path, files)))
    columns, rows = check_source(settings, "x").first_rows["payments"]
    assert rows[0][columns.index("payment_id")] == "17"


def test_a_table_that_cannot_be_read_is_named_without_its_rows(settings: Settings, tmp_path: Path) -> None:
    files = {"orders.csv": "order_id,seller_id,status\n1,2,paid\n" + '3,"kim@example.com\n' * 3}
    text = write_draft(settings, "x", "files", str(_folder(tmp_path, files)), None).read_text()
    assert "orders.csv could not be read" in text or "order_id: order_id" in text
    assert "@example.com" not in text


def test_a_mapping_that_is_there_stays(settings: Settings, tmp_path: Path) -> None:
    folder = _folder(tmp_path, GERMAN)
    path = write_draft(settings, "x", "files", str(folder), None)
    path.write_text("mine")
    with pytest.raises(BadInput, match=r"x\.yml is there already"):
        write_draft(settings, "x", "files", str(folder), None)
    assert path.read_text() == "mine"
    first = write_draft(settings, "x", "files", str(folder), None, replace=True).read_text()
    assert write_draft(settings, "x", "files", str(folder), None, replace=True).read_text() == first
    assert sorted(each.name for each in settings.sources.iterdir()) == ["x.yml"]


@pytest.mark.parametrize(
    ("name", "url", "message"),
    [
        ("X", "/", "no name of a source"),
        ("x", None, "by --url, by --connection"),
        ("x", "nowhere/at/all", "no such folder"),
        ("x", __file__, "is a file"),
    ],
)
def test_what_cannot_be_read_writes_nothing(settings: Settings, name: str, url: str | None, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        write_draft(settings, name, "files", url, None)
    assert not list(settings.sources.glob("*.yml")) if settings.sources.exists() else True


def test_a_path_is_meant_from_where_the_command_runs(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _folder(tmp_path, GERMAN)
    monkeypatch.chdir(tmp_path)
    assert _drafted(settings, "files", folder.name).url == str(folder)


def test_olist_is_found_but_for_its_payments(settings: Settings, olist: Path, tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(olist) as archive:
        archive.extractall(tmp_path / "olist")
    content = yaml.safe_load(write_draft(settings, "x", "files", str(tmp_path / "olist"), None).read_text())
    assert content["read"]["orders"]["files"] == "olist_orders_dataset.csv"
    orders = content["tables"]["orders"]["query"]
    for selected in (
        '"order_id" as order_id,', '"joined_seller_id" as seller_id,', '"customer_id" as buyer_id,', "end as status,",
        '"order_purchase_timestamp" as ordered_at,', '"order_approved_at" as paid_at,',
        '"order_delivered_carrier_date" as shipped_at,', '"order_estimated_delivery_date" as promised_at,',
        '"order_delivered_customer_date" as delivered_at,', 'sum(amount(line."price")) as joined_amount',
        'sum(amount(line."freight_value")) as joined_freight', "when 'canceled' then 'cancelled'",
    ):  # fmt: skip
        assert selected in orders
    assert '"review_score" as rating' in content["tables"]["reviews"]["query"]
    assert content["tables"]["sellers"]["columns"]["region"] == "seller_state"


def _folder(tmp_path: Path, files: dict[str, str]) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    return folder


def _drafted(settings: Settings, kind: Kind, url: str) -> Source:
    """The mapping that is written, as it is read."""
    write_draft(settings, "x", kind, url, None, replace=True)
    return read_source(settings, "x")


def _loaded(kind: str, request: pytest.FixtureRequest, folder: Path, schema: str) -> str:
    """The URL of a source with the tables of a schema."""
    url, execute = empty(kind, request, folder)
    lines = (SCHEMAS / f"{schema}.sql").read_text().splitlines()
    for statement in "\n".join(line for line in lines if not line.startswith("--")).split(";"):
        if statement.strip():
            execute(statement)
    return url
