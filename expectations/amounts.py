"""Expectations on amounts of money: another unit, such as cents, in a night or for some of its sellers.

As in expectations/comparisons.py each function returns a query that finds the faults. Amounts are compared on the log
scale, where their tails are light; ``of`` chooses the rows, and those of one ``sale`` count once, added up: a
customer may pay an order by twelve vouchers. A difference is refused only where it is ``times`` and
more, is beyond what the rows can have by chance (expectations/evidence.py), and none of the 28 nights before was like
it: so what a person let pass is usual the next night.
"""

from collections.abc import Callable

# What is free counts as half a cent, so that it has a logarithm.
LEVEL = "ln(greatest(sum(amount), 0.005))"
# The standard error of a median of normal values in that of their mean.
MEDIAN_ERROR = 1.2533


def expect_typical_amount_to_be_within_times(
    table: str, columns: list[str], times: float, sale: str, of: str = "true"
) -> str:
    """The median over the night's sellers of their mean log amounts, against its median of the 28 nights before.

    Each seller counts once, so that one with many rows, there or away, does not move it. From 5 rows on, with 20
    before. A night before is like this one if it went as far the same way, but for the square root of ``times``.
    """
    return f"""
        with seller_nights as (
            select arrived_on, is_tonight, seller_id, count(*) as row_count, avg(level) as level
            from (
                select arrived_on, seller_id, true as is_tonight, {LEVEL} as level
                from batch where {of} group by arrived_on, seller_id, {sale}
                union all
                select arrived_on, seller_id, false, {LEVEL}
                from previous.{table} where {of} group by arrived_on, seller_id, {sale}
            )
            group by all
        ),
        nightly as (
            select arrived_on, is_tonight, sum(row_count) as row_count, count(*) as sellers, median(level) as level,
                avg(level) as mean_level, sum(level) as levels, sum(level * level) as squares
            from seller_nights group by arrived_on, is_tonight
        ),
        compared as (
            select *, squares - levels * mean_level as scatter, sum(row_count) over earlier as earlier_rows,
                sum(sellers) over earlier as earlier_sellers, median(level) over earlier as usual_level,
                sum(squares) over earlier - pow(sum(levels) over earlier, 2) / earlier_sellers as earlier_scatter,
                min(if(row_count >= 5, level, null)) over earlier as lowest_level,
                max(if(row_count >= 5, level, null)) over earlier as highest_level
            from nightly window earlier as (order by arrived_on rows between 28 preceding and 1 preceding)
        ),
        measured as (
            select *, level - usual_level as shift,
                {MEDIAN_ERROR} * shift_error(
                    greatest(
                        if(sellers > 1, spread_of(scatter, sellers - 1), 0),
                        spread_of(earlier_scatter, greatest(earlier_sellers - 1, 1))
                    ), sellers, earlier_sellers
                ) as error
            from compared where is_tonight and row_count >= 5 and earlier_rows >= 20
        )
        select arrived_on, row_count, sellers, earlier_rows, round(exp(level), 2) as median_amount,
            round(exp(usual_level), 2) as usual_amount, round(exp(shift), 2) as times,
            round(times_low(shift, error), 2) as times_low, round(times_high(shift, error), 2) as times_high
        from measured
        where abs(shift) >= ln({times}) and shift_evidence(shift, error) >= hard_evidence()
            and coalesce(level not between lowest_level - ln({times}) / 2 and highest_level + ln({times}) / 2, true)
        order by arrived_on desc
    """


def expect_sellers_amounts_to_be_within_times(
    table: str, columns: list[str], times: float, share: float, sale: str, of: str = "true"
) -> str:
    """Each seller's mean log amount against their own of the 28 nights before, where they have 5 rows and more.

    At most ``share`` of a night's rows may be of sellers whose amounts have moved one way by ``times`` and more; from
    5 rows on. The evidence of these sellers adds up, less what the choice of just these gives by chance. A night before
    is like this one if it was at fault too, with half of the share. Only the latest 28 nights of a pass are looked at,
    so that catching up stays cheap.
    """
    return f"""
        with nights as (
            select arrived_on, row_number() over (order by arrived_on) as nth
            from (select arrived_on from gated.nights union select arrived_on from previous.nights)
            order by arrived_on desc limit 56
        ),
        seller_nights as (
            select seller_id, arrived_on, nth, count(*) as row_count, sum(level) as levels,
                sum(level * level) as squares, levels / row_count as mean_level
            from (
                select seller_id, arrived_on, {LEVEL} as level
                from (from batch union all by name from previous.{table}) where {of}
                group by seller_id, arrived_on, {sale}
            ) join nights using (arrived_on)
            group by all
        ),
        compared as (
            select *, sum(row_count) over earlier as earlier_rows,
                sum(levels) over earlier / earlier_rows as usual_level,
                sum(squares) over earlier - earlier_rows * usual_level * usual_level as scatter
            from seller_nights
            window earlier as (partition by seller_id order by nth range between 28 preceding and 1 preceding)
        ),
        known as (
            select *, mean_level - usual_level as shift,
                shift_error(
                    greatest(
                        spread_of(scatter, earlier_rows - 1),
                        spread_of(sum(scatter) over night, sum(earlier_rows - 1) over night)
                    ), row_count, earlier_rows
                ) as error,
                abs(shift) >= ln({times}) as is_unusual
            from compared where earlier_rows >= 5 window night as (partition by arrived_on)
        ),
        totals as (select arrived_on, sum(row_count) as row_count from seller_nights group by arrived_on),
        judged as (
            select arrived_on, nth, shift > 0 as is_up, any_value(totals.row_count) as row_count,
                sum(known.row_count) filter (is_unusual) as unusual_row_count,
                sum(earlier_rows) filter (is_unusual) as earlier_rows,
                count(*) filter (is_unusual) as unusual_sellers, median(shift) filter (is_unusual) as median_shift,
                sqrt(1 / sum(1 / pow(error, 2)) filter (is_unusual)) as median_error,
                min(seller_id) filter (is_unusual) as seller_id,
                unusual_row_count / any_value(totals.row_count) as share,
                sum(shift_evidence(shift, error)) filter (is_unusual)
                - ln_choices(count(*), unusual_sellers) as evidence
            from known join totals using (arrived_on) group by arrived_on, nth, is_up
        ),
        faults as (
            select *, max(share) over (
                partition by is_up order by nth range between 28 preceding and 1 preceding
            ) as earlier_share
            from judged where unusual_row_count >= 5 and share > {share} and evidence >= hard_evidence()
        )
        select arrived_on, '{table}' as table_name, row_count, unusual_row_count, round(exp(median_shift), 2) as times,
            seller_id, unusual_sellers, earlier_rows, round(times_low(median_shift, median_error), 2) as times_low,
            round(times_high(median_shift, median_error), 2) as times_high
        from faults
        where share > 2 * coalesce(earlier_share, 0)
            and arrived_on in (select arrived_on from gated.nights order by arrived_on desc limit 28)
        order by arrived_on desc
    """


AMOUNT_CHECKS: dict[str, Callable[..., str]] = {
    check.__name__: check
    for check in (expect_typical_amount_to_be_within_times, expect_sellers_amounts_to_be_within_times)
}
