"""Expectations of our own on top of Great Expectations' UnexpectedRowsExpectation: comparisons with what came before.

Each function returns a query that finds the faults; ``{batch}`` in it are the gated rows, ``previous.<table>`` the
rows before them (see expectations/database.py). Function names are the expectation types of the suite files. A
difference is a fault where it is large and its rows prove it (expectations/evidence.py).
"""

import re
from collections.abc import Callable

from expectations.evidence import SOFT_ODDS
from tradeline.sql import identifier

AGGREGATE = re.compile(r"(count|sum|avg)\((.*)\)")


def expect_ratio_to_previous_to_be_between(
    table: str,
    columns: list[str],
    value: str,
    min_value: float = 0,
    max_value: float = 1e9,
    odds: int = SOFT_ODDS,
) -> str:
    """``value``, a count(*), sum or avg per as_of, divided by the same of the previous publication.

    It is a fault where, beside the ratio, the sellers prove it: their parts in the change go one way as chance alone
    would make them once in ``odds`` nights. So one seller, however large, proves nothing.

    Raises:
        TypeError: ``value`` is another aggregate, whose change has no parts.
    """
    part, whole = _parts(value)
    return f"""
        with now as (select as_of, {value} as value, {whole} as divisor from batch group by as_of),
        before as (
            select compared_as_of as as_of, any_value(as_of) as previous_as_of, {value} as previous_value,
                {whole} as previous_divisor, count(*) as previous_rows
            from previous.{table} group by compared_as_of
        ),
        compared as (
            select before.*, divisor, coalesce(now.value, 0) as value,
                round(coalesce(now.value, 0) / nullif(previous_value, 0), 4) as ratio
            from before left join now using (as_of)
        ),
        sides as (
            select as_of, seller_id, {part} as part, true as is_now from batch
            union all
            select compared_as_of, seller_id, {part}, false from previous.{table}
        ),
        changes as (
            select as_of, seller_id, coalesce(sum(
                if(is_now, 1, -1) * {"part" if whole == "1" else "(part - previous_value)"}
                / if(is_now, divisor, previous_divisor)
            ), 0) as change
            from sides join compared using (as_of) group by as_of, seller_id
        ),
        proven as (
            select as_of, count(*) filter (change <> 0) as changed_rows,
                change_evidence(sum(change), sum(change * change)) as evidence
            from changes group by as_of
        )
        select as_of, value, previous_as_of, previous_value, ratio, previous_rows, changed_rows,
            round(evidence, 1) as evidence
        from compared join proven using (as_of)
        where ratio not between {min_value} and {max_value} and evidence >= ln({odds})
    """


def expect_drift_from_previous_to_be_at_most(table: str, columns: list[str], max_psi: float) -> str:
    """Population stability index of each column per as_of, with the deciles of the previous publication as bins.

    Nulls are a bin of their own. It is a fault above ``max_psi`` and above what two samples of so many rows differ by
    chance, in any of the columns.
    """
    casts = ", ".join(f"{identifier(name)}::double as {identifier(name)}" for name in columns)
    unpivot = f"unpivot include nulls (x for column_name in ({_listed(columns)}))"
    return f"""
        with now as (from (select as_of, {casts} from batch) {unpivot}),
        before as (from (select compared_as_of as as_of, {casts} from previous.{table}) {unpivot}),
        bins as (
            select as_of, column_name,
                list_distinct(quantile_cont(x, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])) as edges
            from before group by as_of, column_name
        ),
        valued as (select *, 1 as is_now from now union all select *, 0 from before),
        counted as (
            select as_of, column_name, is_now, edges, x, count(*) as row_count
            from valued join bins using (as_of, column_name) group by all
        ),
        binned as (
            select as_of, column_name,
                case when x is null then -1 else coalesce(len([edge for edge in edges if edge < x]), 0) end as bin,
                sum(row_count * is_now) as now_count, sum(row_count * (1 - is_now)) as before_count
            from counted group by as_of, column_name, bin
        ),
        -- Half a row in each bin, so that the logarithm exists where one is empty.
        shares as (
            select *, sum(now_count) over night as now_rows, sum(before_count) over night as before_rows,
                (now_count + 0.5) / sum(now_count + 0.5) over night as p,
                (before_count + 0.5) / sum(before_count + 0.5) over night as q
            from binned window night as (partition by as_of, column_name)
        ),
        drifted as (
            select column_name, as_of, sum((p - q) * ln(p / q)) as psi, any_value(now_rows) as row_count,
                any_value(before_rows) as previous_rows,
                (1 / row_count + 1 / previous_rows)
                * chi_squared_at(soft_evidence() + ln({len(columns)}), greatest(count(*) - 1, 1)) as psi_by_chance
            from shares where now_rows > 0 and before_rows > 0 group by column_name, as_of
        )
        select column_name, as_of, round(psi, 3) as psi, row_count, previous_rows,
            round(psi_by_chance, 3) as psi_by_chance
        from drifted where psi > greatest({max_psi}, psi_by_chance) order by drifted.psi desc
    """


def expect_null_share_rise_to_be_at_most(table: str, columns: list[str], max_rise: float) -> str:
    """How much larger each column's share of nulls is than in the nights before, where the rows of both prove it."""
    counts = ", ".join(f"count({identifier(name)}) as {identifier(name)}" for name in columns)
    unpivot = f"unpivot (filled for column_name in ({_listed(columns)}))"
    # So that nothing is read in vain when there is nothing to compare with.
    is_due = f"where exists (from previous.{table})"
    return f"""
        with now as (from (select count(*) as total, {counts} from batch {is_due}) {unpivot}),
        before as (from (select count(*) as total, {counts} from previous.{table}) {unpivot})
        select column_name, round(1 - now.filled / now.total, 3) as null_share,
            round(1 - before.filled / before.total, 3) as earlier_null_share,
            now.total as row_count, before.total as earlier_rows
        from now join before using (column_name)
        where now.total > 0 and before.total > 0 and before.filled / before.total - now.filled / now.total > {max_rise}
            and share_evidence(now.total - now.filled, now.total, before.total - before.filled, before.total)
                >= soft_evidence() + ln({len(columns)})
        order by null_share - earlier_null_share desc
    """


COMPARISONS: dict[str, Callable[..., str]] = {
    function.__name__: function
    for function in (
        expect_ratio_to_previous_to_be_between,
        expect_drift_from_previous_to_be_at_most,
        expect_null_share_rise_to_be_at_most,
    )
}


def _parts(value: str) -> tuple[str, str]:
    """A row's part in an aggregate, and what the sum of all parts is divided by."""
    if not (found := AGGREGATE.fullmatch(value.strip())):
        raise TypeError(f"value {value} is none of count(*), sum(expression), avg(expression)")
    function, inner = found.groups()
    part = "1" if function == "count" else f"coalesce(({inner})::double, 0)"
    return (f"({inner})::double", f"count({inner})") if function == "avg" else (part, "1")


def _listed(columns: list[str]) -> str:
    return ", ".join(map(identifier, columns))
