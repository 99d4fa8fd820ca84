"""Plots of loans and balances; None where what a plot shows has not landed."""

import numpy as np
from matplotlib.axes import Axes

from pages.charts import ACCENT, GREEN, MAIN, PALE, axes, by_date, error_bars, month_label, percent, thousands
from simulator.landed_market import Connection, columns
from tradeline.estimates import wilson


def defaults(connection: Connection) -> Axes | None:
    """Default by month of disbursement, with intervals."""
    found = columns(
        connection,
        """
        select month, loans::double, bad::double, sum(bad) over () / sum(loans) over ()
        from (
            select date_trunc('month', disbursed_on)::date as month, count(*) as loans, sum(is_default::integer) as bad
            from matured group by month
        )
        qualify loans >= 20 order by month
        """,
    )
    if not found:
        return None
    months, loans, bad, (overall, *_) = found
    shares = [wilson(one, of) for one, of in zip(bad / loans, loans, strict=True)]
    plot = axes(x="month of disbursement", y="loans in default")
    at = np.arange(len(months))
    error_bars(plot, at, shares, ecolor=PALE, elinewidth=3, markersize=4)
    plot.axhline(overall, color=ACCENT, linewidth=1, label=f"all: {overall:.1%}")
    plot.set_xticks(at, [month_label(month) for month in months])
    plot.set_ylim(0, 1.2 * max(each.high for each in shares))
    plot.yaxis.set_major_formatter(percent())
    plot.grid(visible=False, axis="x")
    plot.legend(loc="upper right")
    return plot


def loans(connection: Connection) -> Axes | None:
    """Applications and loans by month."""
    found = columns(
        connection,
        """
        select date_trunc('month', applied_at)::date as month, count(*), count(disbursed_at)
        from loans group by month order by month
        """,
    )
    if not found:
        return None
    months, applied, approved = found
    plot = axes(y="a month")
    at = np.arange(len(months))
    plot.bar(at, applied, color=PALE, width=0.72, label="applications")
    plot.bar(at, approved, color=MAIN, width=0.72, label="paid out")
    plot.set_xticks(at, [month_label(month) for month in months])
    plot.grid(visible=False, axis="x")
    plot.yaxis.set_major_formatter(thousands())
    plot.set_ylim(top=1.25 * float(applied.max()))
    plot.legend(loc="upper left", ncols=2)
    return plot


def balance(connection: Connection) -> Axes | None:
    """The balance of a seller of middling size who has borrowed, if any has."""
    found = columns(
        connection,
        """
        with chosen as (
            select seller_id from ledger group by seller_id
            order by (count(*) filter (kind = 'loan_disbursement') between 1 and 3)::integer desc,
                abs(count(*) - 400), seller_id limit 1
        )
        select
            occurred_at::date as day, max_by(balance_after, (occurred_at, payment_id)) as balance,
            bool_or(kind = 'loan_disbursement') as is_loan, bool_or(kind = 'loan_repayment') as is_repayment
        from ledger semi join chosen using (seller_id) group by day order by day
        """,
    )
    if not found:
        return None
    days, balance, is_loan, is_repayment = found[0], found[1].astype(float), found[2], found[3]
    plot = axes(wide=True, y="balance")
    plot.step(days, balance, where="post", color=MAIN, linewidth=1.1)
    if is_loan.any():
        plot.plot(days[is_loan], balance[is_loan], "^", color=ACCENT, markersize=7, label="loan paid out")
    if is_repayment.any():
        plot.plot(days[is_repayment], balance[is_repayment], "v", color=GREEN, markersize=6, label="installment paid")
    if is_loan.any() or is_repayment.any():
        plot.legend(loc="upper left", ncols=2)
    plot.yaxis.set_major_formatter(thousands())
    return by_date(plot)
