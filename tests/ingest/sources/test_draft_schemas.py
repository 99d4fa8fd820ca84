"""How much of schemas that are like real ones a first mapping gets right: the counts are as they were seen."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ingest.sources.draft import write_draft
from ingest.sources.draft.enumerations import recognised
from ingest.sources.draft.match import patterns
from ingest.sources.draft.words import meanings
from tradeline.checked import yaml_of
from tradeline.contracts.raw import TABLES
from tradeline.settings import PROJECT, Settings

SCHEMAS = Path(__file__).parent / "schemas"
FOLDER = PROJECT / "ingest" / "sources" / "draft"
pytestmark = pytest.mark.slow

# By schema the columns of the contract that the source has, in whatever table, and where: what a person would write.
# A bar is between equally good answers.
EXPECTED: dict[str, dict[str, dict[str, str]]] = {
    "shopify": {
        "orders": {
            "order_id": "id", "seller_id": "joined_seller_id", "buyer_id": "customer_id", "status": "financial_status",
            "currency": "currency", "ordered_at": "created_at|processed_at",
            "cancelled_at": "cancelled_at", "amount": "joined_amount",
        },
        "payments": {
            "payment_id": "id", "order_id": "order_id", "direction": "kind", "kind": "kind", "method": "gateway",
            "amount": "amount", "occurred_at": "processed_at|created_at", "currency": "currency",
        },
        "refunds": {
            "refund_id": "id", "order_id": "order_id", "amount": "amount", "requested_at": "created_at",
            "completed_at": "processed_at",
        },
    },
    "woocommerce": {
        "sellers": {"seller_id": "id", "registered_at": "user_registered"},
        "orders": {
            "order_id": "id", "seller_id": "joined_seller_id", "buyer_id": "customer_id", "status": "status",
            "ordered_at": "date_created_gmt", "amount": "joined_amount", "paid_at": "date_paid", "currency": "currency",
            "delivered_at": "date_completed", "freight": "shipping_total",
        },
        "payments": {
            "payment_id": "id", "seller_id": "vendor_id", "order_id": "trn_id", "direction": "debit",
            "kind": "trn_type", "amount": "debit", "occurred_at": "trn_date",
        },
        "refunds": {
            "refund_id": "id", "order_id": "order_id", "seller_id": "seller_id", "amount": "refund_amount",
            "reason": "refund_reason", "requested_at": "date",
        },
    },
    "magento": {
        "sellers": {"seller_id": "store_id", "status": "is_active"},
        "orders": {
            "order_id": "entity_id", "seller_id": "store_id", "buyer_id": "customer_id", "status": "status",
            "ordered_at": "created_at", "amount": "subtotal", "freight": "shipping_amount",
            "currency": "order_currency_code",
        },
        "payments": {"payment_id": "entity_id", "order_id": "parent_id", "method": "method", "amount": "amount_paid"},
        "refunds": {
            "refund_id": "entity_id", "order_id": "order_id", "seller_id": "store_id", "amount": "grand_total",
            "requested_at": "created_at",
        },
        "reviews": {
            "review_id": "review_id", "reviewed_at": "created_at", "rating": "value", "buyer_id": "customer_id",
        },
    },
    "odoo": {
        "sellers": {"seller_id": "id", "registered_at": "create_date", "owner_id": "partner_id"},
        "orders": {
            "order_id": "id", "seller_id": "company_id", "buyer_id": "partner_id", "status": "state",
            "ordered_at": "date_order", "promised_at": "commitment_date", "delivered_at": "effective_date",
            "amount": "amount_untaxed|amount_total",
        },
        "payments": {
            "payment_id": "id", "seller_id": "company_id", "counterparty_id": "partner_id", "direction": "payment_type",
            "method": "payment_method_id", "amount": "amount", "occurred_at": "date",
        },
    },
    "german": {
        "sellers": {
            "seller_id": "haendler_nr", "seller_type": "rechtsform", "registered_at": "angelegt_am",
            "industry": "branche", "region": "bundesland", "owner_id": "inhaber_nr", "status": "zustand",
        },
        "orders": {
            "order_id": "bestellnummer", "seller_id": "haendler_nr", "buyer_id": "kundennummer",
            "status": "bestellstatus", "ordered_at": "bestelldatum", "paid_at": "bezahlt_am",
            "shipped_at": "versanddatum", "promised_at": "liefertermin_geplant", "delivered_at": "lieferdatum",
            "cancelled_at": "storniert_am", "amount": "warenwert", "freight": "versandkosten", "category": "kategorie",
        },
        "payments": {
            "payment_id": "zahlungs_id", "seller_id": "haendler_nr", "order_id": "bestellnummer",
            "direction": "richtung", "kind": "art", "method": "zahlungsart", "amount": "betrag",
            "occurred_at": "gebucht_am", "balance_after": "kontostand_danach",
        },
        "refunds": {
            "refund_id": "erstattungs_id", "order_id": "bestellnummer", "seller_id": "joined_seller_id",
            "amount": "erstattungsbetrag", "reason": "grund", "requested_at": "beantragt_am",
            "completed_at": "erledigt_am",
        },
        "reviews": {
            "review_id": "bewertungs_id", "order_id": "bestellnummer", "seller_id": "haendler_nr",
            "buyer_id": "kundennummer", "rating": "sterne", "reviewed_at": "erstellt_am",
        },
        "loans": {
            "loan_id": "darlehens_nr", "seller_id": "haendler_nr", "applied_at": "beantragt_am",
            "decided_at": "genehmigt_am", "disbursed_at": "ausgezahlt_am", "status": "status",
            "principal": "darlehensbetrag", "term_days": "laufzeit_tage", "annual_rate": '"zinssatz" / 100',
        },
        "repayments": {
            "loan_id": "darlehens_nr", "installment_no": "raten_nr", "due_on": "faellig_am", "amount_due": "betrag",
            "paid_at": "bezahlt_am", "amount_paid": "bezahlter_betrag",
        },
        "fx_rates": {"currency": "waehrung", "rate_on": "kurs_datum", "rate": "kurs"},
    },
    "chinese": {
        "sellers": {
            "seller_id": "店铺编号", "seller_type": "类型", "registered_at": "开店时间", "industry": "行业",
            "region": "省份", "status": "状态",
        },
        "orders": {
            "order_id": "订单编号", "seller_id": "店铺编号", "buyer_id": "买家编号", "status": "订单状态",
            "ordered_at": "下单时间", "paid_at": "付款时间", "shipped_at": "发货时间", "delivered_at": "收货时间",
            "amount": "订单金额", "freight": "运费", "category": "类目",
        },
        "payments": {
            "payment_id": "liushui_hao", "seller_id": "shanghu_hao", "order_id": "dingdan_hao",
            "direction": "fangxiang", "kind": "leixing", "amount": "jine", "occurred_at": "jiaoyi_shijian",
            "balance_after": "yue",
        },
        "refunds": {
            "refund_id": "退款编号", "order_id": "订单编号", "seller_id": "店铺编号", "amount": "退款金额",
            "reason": "原因", "requested_at": "申请时间", "completed_at": "完成时间",
        },
    },
    "bank": {
        "sellers": {
            "seller_id": "conta_id", "seller_type": "tipo", "registered_at": "data_abertura", "industry": "ramo",
            "region": "uf", "owner_id": "titular_cpf_cnpj", "status": "situacao",
        },
        "payments": {
            "payment_id": "id_movimento", "seller_id": "conta_id", "counterparty_id": "contraparte",
            "direction": "if(\"valor\" < 0, 'out', 'in')", "kind": "tipo_movimento", "method": "forma_pagamento",
            "amount": 'abs("valor")', "occurred_at": "data_movimento", "balance_after": "saldo_apos",
        },
    },
    "spanish": {
        "sellers": {
            "seller_id": "id_vendedor", "seller_type": "tipo", "registered_at": "fecha_alta", "region": "ciudad",
            "status": "estado",
        },
        "orders": {
            "order_id": "id_pedido", "seller_id": "joined_seller_id", "buyer_id": "id_cliente", "status": "estado",
            "ordered_at": "fecha_pedido", "paid_at": "fecha_pago", "shipped_at": "fecha_envio",
            "delivered_at": "fecha_entrega", "amount": "joined_amount", "freight": "costo_envio",
        },
        "refunds": {
            "refund_id": "id_devolucion", "order_id": "id_pedido", "amount": "importe", "reason": "motivo",
            "requested_at": "fecha_solicitud",
        },
        "reviews": {
            "review_id": "id_resena", "order_id": "id_pedido", "seller_id": "joined_seller_id",
            "buyer_id": "id_cliente", "rating": "puntuacion", "reviewed_at": "fecha",
        },
    },
    "unknown": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "right", "wrong", "possible"),
    [
        ("shopify", 21, 0, 21),
        ("woocommerce", 13, 0, 25),
        ("magento", 16, 0, 23),
        ("odoo", 17, 0, 18),
        ("german", 60, 0, 60),
        ("chinese", 32, 0, 32),
        ("bank", 16, 0, 16),
        ("spanish", 26, 0, 26),
        ("unknown", 0, 0, 0),
    ],
)
def test_columns_are_found(
    settings: Settings, tmp_path: Path, schema: str, right: int, wrong: int, possible: int
) -> None:
    drafted = _drafted(settings, _parquet(schema, tmp_path / schema))
    expected = {
        (table, column): of.split("|") for table, columns in EXPECTED[schema].items() for column, of in columns.items()
    }
    misses = {place: of for place, of in drafted.items() if of not in expected.get(place, [])}
    assert (len(drafted) - len(misses), len(misses), len(expected)) == (right, wrong, possible), misses


def _drafted(settings: Settings, folder: Path) -> dict[tuple[str, str], str]:
    """What the draft has by table and column, but for ``changed_at``."""
    content: dict[str, Any] = yaml.safe_load(write_draft(settings, "x", "files", str(folder), None).read_text())
    return {
        (table, column): of
        for table, mapped in (content["tables"] or {}).items()
        for column, of in (_of_query(mapped["query"]) if "query" in mapped else _of_map(mapped["columns"])).items()
        if of is not None and column != "changed_at"
    }


def _of_map(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: each["of"] if isinstance(each, dict) else each for name, each in columns.items()}


def _of_query(query: str) -> dict[str, str]:
    selected = query.partition("\nfrom ")[0]
    plain = re.findall(r'^\s*"(\w+)" as (\w+),', selected, re.MULTILINE)
    cases = re.findall(r'else "(\w+)"::varchar end as (\w+),', selected)
    return {name: of for of, name in [*plain, *cases]}


def _parquet(schema: str, folder: Path) -> Path:
    """The tables of a schema as Parquet files."""
    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute((SCHEMAS / f"{schema}.sql").read_text())
        for (table,) in connection.execute("select table_name from duckdb_tables()").fetchall():
            connection.execute(f"""copy "{table}" to '{folder / table}.parquet'""")
    return folder


def test_every_column_of_the_contract_has_its_words() -> None:
    known = set(meanings().values()) - {""}
    for table in TABLES:
        columns = patterns()[table.name]["columns"]
        assert list(columns) == [column.name for column in table.columns], f"add them to patterns.yml: {table.name}"
        words = {
            word
            for wanted in [patterns()[table.name]["names"], *columns.values()]
            for each in wanted
            for word in each.split()
        }
        assert words <= known
    for table in TABLES:
        for column in table.columns:
            if column.allowed:
                values = yaml_of(FOLDER / "values.yml")[f"{table.name}.{column.name}"]
                assert set(values) == set(column.allowed)
                assert all(recognised(f"{table.name}.{column.name}", value) == value for value in column.allowed)
