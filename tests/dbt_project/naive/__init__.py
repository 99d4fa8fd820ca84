"""Features recomputed from raw rows by plain Python, sharing nothing with the SQL but the definitions' words.

One module per family; amounts are Decimal, ratios float, null None.
"""

from tests.dbt_project.naive.brushing import brushing
from tests.dbt_project.naive.buyers import buyers
from tests.dbt_project.naive.credit import credit
from tests.dbt_project.naive.data_quality import data_quality
from tests.dbt_project.naive.growth import growth_features
from tests.dbt_project.naive.known import Known, Values
from tests.dbt_project.naive.network import network
from tests.dbt_project.naive.payments import payments
from tests.dbt_project.naive.ratings import ratings
from tests.dbt_project.naive.sales import sales
from tests.dbt_project.naive.seasonality import seasonality
from tests.dbt_project.naive.service import service
from tests.dbt_project.naive.tenure import tenure
from tests.dbt_project.naive.volatility import volatility

FAMILIES = (
    sales,
    growth_features,
    volatility,
    seasonality,
    service,
    ratings,
    buyers,
    network,
    brushing,
    payments,
    credit,
    tenure,
    data_quality,
)


def naive_features(known: Known, seller_id: str) -> Values:
    """Features of one seller on the day of ``known``."""
    values: Values = {}
    for family in FAMILIES:
        values |= family(known, seller_id)
    return values
