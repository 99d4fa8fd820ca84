"""What a person at the terminal sees: report lines while something runs, and what came out of it."""

import logging
from datetime import date

from rich.console import Console

from cli.screens.tables import FRAMED, table
from tradeline.settings import Settings

OUR_LOGGERS = ("cli", "expectations", "ingest", "ml", "pages", "pipeline", "serving", "simulator", "tradeline")

FIRST_OFFERS = """
    select seller_id, score::varchar, printf('%.1f%%', 100 * pd), format('{{:,.2f}}', limit_amount::double),
        printf('%.1f%%', 100 * annual_rate), term_days::varchar
    from history.loan_eligibility where as_of = '{as_of}' and is_eligible
    order by limit_amount desc, seller_id limit 10
"""
ONE_DECLINED = """
    select seller_id from history.loan_eligibility
    where as_of = '{as_of}' and not is_eligible
    -- One whom the model declined, rather than a rule, tells more.
    order by reason_codes[1] <> 'PD_TOO_HIGH', len(reason_codes) desc, score desc, seller_id limit 1
"""
PUBLISHED = """
    select as_of, count(*) as sellers, count_if(is_eligible) as offers,
        coalesce(sum(limit_amount) filter (is_eligible), 0) as amount
    from history.loan_eligibility where as_of between '{first}' and '{last}' group by as_of order by as_of
"""


class OneLine(logging.Formatter):
    """Only the first line of a message: an error's others are printed with it at the end."""

    def format(self, record: logging.LogRecord) -> str:
        """The time and the line."""
        return super().format(record).split("\n", 1)[0]


def report_on_terminal() -> None:
    """Show what our own code reports, and only warnings of everything beneath it."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(asctime)s  %(message)s", "%H:%M:%S"))
    for name in OUR_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


def show_published(settings: Settings, as_ofs: list[date]) -> None:
    """One line for each published night of a run."""
    from serving.query import query

    found = query(settings, PUBLISHED.format(first=min(as_ofs), last=max(as_ofs))).rows
    rows = [
        (str(night), f"{sellers:,}", f"{offers:,}", f"{amount:,.2f}")
        for night, sellers, offers, amount in found
        if night in as_ofs
    ]
    headings = ("as of", "sellers", "offers", f"offered, {settings.currency}")
    Console().print(table(headings, rows, right=range(1, 4), title="Published", **FRAMED))


def show_offers(settings: Settings, as_of: date) -> None:
    """The largest offers of a night, and one declined seller with the reasons as sentences."""
    from serving.adverse import read_adverse_actions
    from serving.query import query

    console = Console()
    rows, title = query(settings, FIRST_OFFERS.format(as_of=as_of)).rows, f"The largest offers as of {as_of}"
    headings = ("seller", "score", "pd", "limit", "rate", "days")
    console.print(table(headings, rows, right=range(1, 6), title=f"{title}, in {settings.currency}", **FRAMED))
    for (seller_id,) in query(settings, ONE_DECLINED.format(as_of=as_of)).rows:
        console.print(f"[bold]Declined: seller {seller_id}[/bold]")
        for action in read_adverse_actions(settings, seller_id, as_of):
            console.print(f"  {action.words}")
