"""The marts of a warehouse that an earlier release has built take up the columns of today's contracts.

Not by dbt's ``on_schema_change``: with an enforced contract it adds columns, and never drops one. A model would then be
scored with a feature that is gone, null for everybody.
"""

import logging

from serving.marts import described
from tradeline.columns import take_up_columns
from tradeline.database import connect, scalar
from tradeline.settings import Settings

log = logging.getLogger(__name__)

# A run adds to it and rewrites nothing, so nothing makes its earlier rows again.
HISTORY = "seller_credit_record"


def take_up_mart_columns(settings: Settings, *marts: str) -> None:
    """Let marts that are there have the columns of their contracts, and log what was changed, in a line for each.

    Nights that are built stay as they are: a new column is null in them. The caller holds the warehouse lock.

    Raises:
        TradelineError: a column of the credit record would lose values.
    """
    with connect(settings, settings.warehouse) as connection:
        for mart in marts:
            there = "select 1 from duckdb_tables() where (schema_name, table_name) = ('marts', ?)"
            if scalar(connection, there, [mart]) is None:
                continue
            types = {column["name"]: column["data_type"] for column in described(mart)[0]["columns"]}
            if told := take_up_columns(connection, f"marts.{mart}", types, is_history=mart == HISTORY):
                log.info("%s", told)
