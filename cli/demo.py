"""The demonstration: from raw tables, simulated or Olist's, to published offers by way of a real Airflow."""

import logging
import time
from datetime import date, timedelta
from pathlib import Path

from cli.airflow.rest import AirflowApi
from cli.airflow.services import end_on_signals, running_services
from cli.airflow.watch import wait_for, wait_for_next
from cli.screens.published import show_offers, show_published
from tradeline.errors import BadInput
from tradeline.settings import SETTINGS_FILE, Settings

log = logging.getLogger(__name__)

OLIST_AS_OF = date(2018, 8, 31)
NEXT = """
Where to click next:
  make up      Airflow's web UI at the address that it prints. Click DAGs, seller_marts, Trigger: a form asks for the
               night. Assets shows how the DAGs depend on each other; loan_eligibility runs after seller_marts.
What to query next:
  .venv/bin/tradeline status
  .venv/bin/tradeline sql "select seller_id, score, limit_amount, annual_rate from loan_eligibility where is_eligible"
  .venv/bin/tradeline sql "select sales_amount_90d, refund_rate_90d, worst_days_past_due from seller_features limit 5"
  .venv/bin/tradeline record SELLER            # the credit record of a seller named above; --page FILE adds plots
What to run next:
"""
NEXT_SIMULATED = """\
  .venv/bin/tradeline simulate --report              # the market as a page of plots
  .venv/bin/tradeline simulate --until {tomorrow} && .venv/bin/tradeline run
  .venv/bin/tradeline simulate --fault prices_times_100 --on {tomorrow} && .venv/bin/tradeline run
"""
NEXT_OLIST = """\
  .venv/bin/tradeline run --from 2018-01-01 --to 2018-08-31 --every month
"""
NEXT_CARD = """\
What to read next:
  {page}   # the model card: training data, evaluation, and the promotion decision
"""


def run_demo(settings: Settings, olist: Path | None) -> None:
    """Simulate a market or land the archive, let Airflow build, train and decide one night, and show its offers.

    Raises:
        TradelineError: something failed; where it was a task, the message holds the end of its log.
    """
    started = time.monotonic()
    end_on_signals()
    settings, as_of = _land_olist(settings, olist) if olist else _simulate(settings)
    log.info("Airflow starts: scheduler, DAG processor and API server")
    with running_services(settings) as api:
        log.info("Airflow is up at %s", api.address)
        _run_with_consequences(api, "seller_marts", "features_gate", as_of)
        _run_with_consequences(api, "credit_model", "promote", as_of)
        log.info("Airflow stops")
    show_published(settings, [as_of])
    show_offers(settings, as_of)
    log.info("%.0f s in all", time.monotonic() - started)
    what_to_run = NEXT_OLIST if olist else NEXT_SIMULATED.format(tomorrow=as_of + timedelta(days=1))
    print(NEXT + what_to_run + _what_to_read(settings))


def _what_to_read(settings: Settings) -> str:
    from ml.reports.card.write import newest_card

    page = newest_card(settings)
    return NEXT_CARD.format(page=page) if page else ""


def _simulate(settings: Settings) -> tuple[Settings, date]:
    from simulator.market import is_there, market_of
    from simulator.simulate import simulate

    market = market_of(settings, {})
    if is_there(settings, market):
        log.info("the market is already simulated: %s sellers, %s nights", f"{market.sellers:,}", market.days)
    else:
        simulate(settings, market)
    return settings, market.until


def _land_olist(settings: Settings, olist: Path) -> tuple[Settings, date]:
    from ingest.olist import land_olist
    from simulator.market import is_simulated

    if is_simulated(settings):
        raise BadInput(f"{settings.home} holds the simulated market; land Olist into a home of its own: TRADELINE_HOME")
    settings = _in_currency_of_olist(settings)
    land_olist(settings, olist)
    return settings, OLIST_AS_OF


def _in_currency_of_olist(settings: Settings) -> Settings:
    """Say in the home's own settings that its amounts are Brazilian, unless it has settings already."""
    file = settings.home / SETTINGS_FILE
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("TRADELINE_CURRENCY=BRL\n")
    return Settings(home=settings.home)


def _run_with_consequences(api: AirflowApi, dag_id: str, last_task_id: str, as_of: date) -> None:
    """Trigger a DAG and wait for it, and for the run of loan_eligibility that its asset triggers."""
    known = {run["dag_run_id"] for run in api.runs("loan_eligibility")}
    run_id = api.trigger(dag_id, as_of=as_of.isoformat())
    log.info("%s: triggered as of %s", dag_id, as_of)
    wait_for(api, dag_id, run_id)
    states = {task["task_id"]: task["state"] for task in api.tasks(dag_id, run_id)}
    if states[last_task_id] == "success":
        log.info("loan_eligibility: triggered by the asset that %s has made", dag_id)
        wait_for(api, "loan_eligibility", wait_for_next(api, "loan_eligibility", known))
