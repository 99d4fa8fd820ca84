"""Ids that are nearly the same: they differ in case, white space, look-alike letters, punctuation, zeros or '.0' alone.

They are named and never merged. Two ids are nearly the same if their ``spelling`` is, or their ``word`` (without any
punctuation) while one of them has none: 'A-1' is nearly 'a 1', 'A1', 'a_01' and itself with a Cyrillic letter; 'AB-C'
is not nearly 'A-BC', nor 'S000001' 'S0000010'. Numbers are joined ('1-23') only where that leaves ``LONG`` signs or
more, as in a UUID: shop 1's branch 23 is not shop 123.
"""

from datetime import date

import duckdb

from ingest.validate import known
from tradeline.contracts.raw import Table
from tradeline.database import scalar
from tradeline.sql import literal

LONG = 7
# The ids of ``sellers`` that are compared, and where the known ones are.
SELLERS_IDS = {"seller_id": "known_sellers", "owner_id": "known_owners", "buyer_id": "known_buyers"}
# Small letters of Cyrillic, Greek and Turkish that, or whose capitals, look like Latin ones; and full-width forms.
_LOOKS = "авекмнорстухіјѕԁһԛԝαβεζηικμνορτυχı" + "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_LATIN = "abekmhopctyxijsdhqwabezhikmnoptyxi" + "".join(chr(code) for code in range(0x21, 0x7F))
# Each builds on those before. Most ids are plain; for them the slow expressions are passed over.
_IS_PLAIN = "regexp_full_match(id_latin(id), '[a-z0-9]+([-_][a-z0-9]+)*')"
_MACROS = {
    "id_small(id)": "lower(nfc_normalize(id))",
    "id_latin(id)": (
        f"if(strlen(id) = length(id), lower(id), translate(id_small(id), {literal(_LOOKS)}, {literal(_LATIN)}))"
    ),
    "id_dense(id)": r"regexp_replace(id_latin(id), '[\s\p{Z}\p{C}]+', '', 'g')",
    "id_whole(id)": (
        r"regexp_replace(if(regexp_full_match(id_dense(id), '[0-9]{1,3}(,[0-9]{3})+(\.0+)?'), "
        r"replace(id_dense(id), ',', ''), id_dense(id)), '^([0-9]+)\.0+$', '\1')"
    ),
    "id_parts(id)": (
        f"if({_IS_PLAIN}, replace(id_latin(id), '_', '-'), "
        r"trim(regexp_replace(id_whole(id), '[^\p{L}\p{M}\p{N}]+', '-', 'g'), '-'))"
    ),
    "id_word(id)": "replace(id_parts(id), '-', '')",
    "id_unpadded(parts)": (
        "if(regexp_matches(parts, '(^|[^0-9])0[0-9]'), "
        r"regexp_replace(parts, '(^|[^0-9])0+([0-9])', '\1\2', 'g'), parts)"
    ),
    "id_difference(id, other)": """case
        when nfc_normalize(id) = nfc_normalize(other) then 'Unicode form'
        when id_small(id) = id_small(other) then 'case'
        when id_latin(id) = id_latin(other) then 'letters that look alike'
        when id_dense(id) = id_dense(other) then 'white space'
        when id_whole(id) = id_whole(other) then 'a trailing .0 or commas'
        when id_word(id) = id_word(other) then 'punctuation'
        else 'zeros in front'
    end""",
}


def create_known(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the macros that liken ids and, empty, the tables of known owners and sellers' buyer accounts."""
    for head, body in _MACROS.items():
        connection.execute(f"create temp macro {head} as {body}")
    for column in ("owner_id", "buyer_id"):
        connection.execute(f"create temp table {SELLERS_IDS[column]} (id varchar, known_on date)")


def remember(connection: duckdb.DuckDBPyConnection, sellers: str, where: str = "true") -> None:
    """Add the owners and buyer accounts in a relation of sellers, each with the first night on which it was there."""
    for column in ("owner_id", "buyer_id"):
        name = SELLERS_IDS[column]
        connection.execute(
            f"""
            insert into {name} select {column}, min(arrived_on) from {sellers}
            where {where} and {column} is not null and {column} not in (select id from {name}) group by 1
            """
        )


def name_sellers(connection: duckdb.DuckDBPyConnection, arrived_from: date) -> None:
    """Put into ``raw.nearly_same`` the ids of sellers, owners and buyers that are new and nearly a known one's."""
    for column, name in SELLERS_IDS.items():
        new = f"select id, known_on from (from {name}) as known (id, known_on) where known_on >= '{arrived_from}'"
        connection.execute(
            f"""
            insert into raw.nearly_same by name
            select known_on as arrived_on, {literal(column)} as column_name, id, known_id,
                id_difference(id, known_id) as difference
            from ({_pairs(connection, name, new)}) where known_on > since or id > known_id
            order by all
            """
        )


def hint(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Let the rows that were set aside for an unknown seller or loan say which known one may be meant."""
    for name in known.ids(table):
        here = f"table_name = {literal(table.name)} and waits_for = {literal(name)} and hint is null"
        asked = f"select distinct value as id, arrived_on as known_on from raw.set_aside where {here}"
        if scalar(connection, f"select 1 from ({asked}) limit 1") is not None:
            connection.execute(
                f"""
                update raw.set_aside
                set hint = 'is ''' || id || ''' meant for {name.removesuffix("s")} ''' || known_id || '''?'
                from ({_pairs(connection, f"known_{name}", asked)}) as pairs
                where {here} and value = id and arrived_on = known_on
                """
            )


def _pairs(connection: duckdb.DuckDBPyConnection, name: str, asked: str) -> str:
    """SQL of the ids asked about, each with the nearly same one that was known first, ``since`` when."""
    spelled = """
        select id, known_on, id_unpadded(parts) as spelling, replace(parts, '-', '') as word,
            contains(parts, '-') as has_parts
        from (select *, id_parts(id) as parts from {ids})
    """
    known_ids = spelled.format(ids=f"(from {name}) as known (id, known_on)")
    connection.execute(f"create temp table if not exists spelled_{name} as {known_ids}")
    return f"""
        with asked as ({spelled.format(ids=f"({asked})")}),
        found as (
            select asked.id, asked.known_on, known.id as known_id, known.known_on as since
            from asked join spelled_{name} as known using (spelling)
            where spelling <> ''
            union
            select asked.id, asked.known_on, known.id, known.known_on
            from asked join spelled_{name} as known using (word)
            where word <> '' and asked.has_parts <> known.has_parts and (
                length(word) >= {LONG} or not regexp_matches(asked.spelling || ' ' || known.spelling, '[0-9]-[0-9]')
            )
        )
        select id, known_on, unnest(first({{known_id: known_id, since: since}} order by since, known_id))
        from found where known_id <> id and since <= known_on group by id, known_on
    """
