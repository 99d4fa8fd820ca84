"""Expectations of our own on top of Great Expectations' UnexpectedRowsExpectation: comparisons with what came before.

Each function returns a query that finds the faults; ``{batch}`` in it are the gated rows, ``previous.<table>`` the
rows before them (see expectations/database.py). Function names are the expectation types of the suite files.
"""

from collections.abc import Callable

# Below this many rows on either side a distribution is too coarse for a drift measure.
DRIFT_ROWS_MIN = 100
# An empty bin counts as this share, so that the logarithm exists.
SHARE_FLOOR = 0.0001


def expect_ratio_to_previous_to_be_between(
    table: str, columns: list[str], value: str, min_value: float = 0, max_value: float = 1e9
) -> str:
    """``value``, an aggregate such as ``count(*)``, per as_of divided by the same of the previous publication."""
    return f"""
        with now as (select as_of, {value} as value from batch group by as_of),
        before as (
            select compared_as_of as as_of, any_value(as_of) as previous_as_of, {value} as previous_value
            from previous.{table} group by compared_as_of
        ),
        compared as (
            select before.*, coalesce(now.value, 0) as value,
                round(coalesce(now.value, 0) / nullif(previous_value, 0), 4) as ratio
            from before left join now using (as_of)
        )
        select as_of, value, previous_as_of, previous_value, ratio from compared
        where ratio not between {min_value} and {max_value}
    """


def expect_drift_from_previous_to_be_at_most(table: str, columns: list[str], max_psi: float) -> str:
    """Population stability index of each column per as_of, with the deciles of the previous publication as bins.

    Nulls are a bin of their own. Nights of fewer than 100 rows are not compared.
    """
    casts = ", ".join(f'"{name}"::double as "{name}"' for name in columns)
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
        shares as (
            select *, sum(now_count) over night as now_total, sum(before_count) over night as before_total,
                greatest(now_count / now_total, {SHARE_FLOOR}) as p,
                greatest(before_count / before_total, {SHARE_FLOOR}) as q
            from binned window night as (partition by as_of, column_name)
        )
        select column_name, as_of, round(sum((p - q) * ln(p / q)), 3) as psi from shares
        where least(now_total, before_total) >= {DRIFT_ROWS_MIN}
        group by column_name, as_of having psi > {max_psi} order by psi desc
    """


def expect_null_share_rise_to_be_at_most(table: str, columns: list[str], max_rise: float) -> str:
    """How much larger each column's share of nulls is than in the nights before; tables of 20 rows and more."""
    counts = ", ".join(f'count("{name}") as "{name}"' for name in columns)
    unpivot = f"unpivot (filled for column_name in ({_listed(columns)}))"
    # So that nothing is read in vain when there is nothing to compare with.
    is_due = f"where exists (from previous.{table})"
    return f"""
        with now as (from (select count(*) as total, {counts} from batch {is_due}) {unpivot}),
        before as (from (select count(*) as total, {counts} from previous.{table}) {unpivot})
        select column_name, round(1 - now.filled / now.total, 3) as null_share,
            round(1 - before.filled / before.total, 3) as earlier_null_share
        from now join before using (column_name)
        where least(now.total, before.total) >= 20
            and before.filled / before.total - now.filled / now.total > {max_rise}
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


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
