"""Writes the pages: index.html with plots and a search, README.md as text."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb
import pandas as pd

from ingest.landing import landed_nights
from ml.errors import NotEnoughData
from ml.numbers.auc import FEWEST, Auc
from ml.outlook import outlook
from ml.reports.features.lineage import KEYS
from ml.reports.features.manifest import MartColumn, mart_columns
from ml.reports.features.statistics import Statistics, describe, figure, top_rate
from pages.html import render
from tradeline.contracts.features import MART, Feature, read_catalogue
from tradeline.database import connect
from tradeline.files import write_whole
from tradeline.lock import warehouse_lock
from tradeline.settings import Settings

SIMULATION = "_simulation.json"  # what the simulator leaves beside the tables that it lands
TEMPLATES = Path(__file__).parent / "templates"
SIGNS = {"+": "riskier", "-": "safer", None: "open"}
Agreement = Literal["agrees", "unclear", "disagrees", ""]


@dataclass(frozen=True)
class FeatureEntry:
    """One feature with all that the pages show of it."""

    feature: Feature
    column: MartColumn
    statistics: Statistics

    @property
    def sign(self) -> str:
        """What the catalogue expects as the feature grows: riskier, safer, or open where the model learns it."""
        return SIGNS[self.feature.expected_sign]

    @property
    def agreement(self) -> Agreement:
        """Whether the AUC lies on the expected side of 0.5; unclear where its interval contains 0.5."""
        auc = self.statistics.auc
        if auc is None or self.feature.expected_sign is None:
            return ""
        if not auc.is_told_apart:
            return "unclear"
        return "agrees" if (auc.value > 0.5) == (self.feature.expected_sign == "+") else "disagrees"


@dataclass(frozen=True)
class MarketFigures:
    """The source of the figures: the sellers of a night, and the training rows."""

    as_of: date
    sellers: int
    label_kind: str
    rows: int
    bad_rows: int
    row_sellers: int
    first_on: date
    last_on: date

    @property
    def base_rate(self) -> float:
        """The share of bad rows."""
        return self.bad_rows / self.rows


def write_pages(settings: Settings, folder: Path) -> list[Path]:
    """Write the pages of the home's latest night and training set into ``folder``; the same market, the same bytes.

    Raises:
        NotEnoughData: no night has been built in the home, or there is no training row yet.
        TradelineError: the catalogue, dbt or a model's SQL cannot be read.
    """
    with warehouse_lock(settings):
        night, training = _read(settings)
        columns = mart_columns(settings, night["as_of"].iloc[0].date())
    market = _market(night, training)
    entries = [
        FeatureEntry(feature, columns[feature.name], describe(night[feature.name], training, feature.name))
        for feature in read_catalogue()
    ]
    pages = [folder / "index.html", folder / "README.md"]
    for page in pages:
        write_whole(page, _render(page.name, entries, market, settings))
    return pages


def _read(settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    latest = f"from marts.{MART} where as_of = (select max(as_of) from marts.{MART}) order by seller_id"
    no_night = NotEnoughData(f"{settings.home} has no night: land data and make one with `tradeline run`")
    no_rows = NotEnoughData(
        f"{settings.home} has no training set yet: {_outlook(settings)}; `tradeline run` makes it then"
    )
    if not settings.warehouse.exists():
        raise no_night
    with connect(settings, settings.warehouse, read_only=True) as connection:
        try:
            night = connection.execute(latest).df()
        except duckdb.CatalogException as error:
            raise no_night from error
        try:
            training = connection.execute("from training.training_set order by as_of, seller_id").df()
        except duckdb.CatalogException as error:
            raise no_rows from error
    if night.empty or training.empty:
        raise no_night if night.empty else no_rows
    return night, training


def _outlook(settings: Settings) -> str:
    nights = landed_nights(settings)
    return outlook(min(nights), max(nights)) if nights else "nothing has landed"


def _market(night: pd.DataFrame, training: pd.DataFrame) -> MarketFigures:
    return MarketFigures(
        as_of=night["as_of"].iloc[0].date(),
        sellers=len(night),
        label_kind=training["label_kind"].iloc[0],
        rows=len(training),
        bad_rows=int(training["is_default"].sum()),
        row_sellers=training["seller_id"].nunique(),
        first_on=training["as_of"].min().date(),
        last_on=training["as_of"].max().date(),
    )


def _render(name: str, entries: list[FeatureEntry], market: MarketFigures, settings: Settings) -> str:
    families: dict[str, list[FeatureEntry]] = {}
    for entry in entries:
        families.setdefault(entry.feature.family, []).append(entry)
    return render(
        TEMPLATES / f"{name}.j2",
        filters={
            "along": _along,
            "figure": figure,
            "percent": _percent,
            "side": _side,
            "top_rate": top_rate,
            "words": lambda name: name.replace("_", " "),
        },
        entries=entries,
        families=families,
        market=market,
        currency=settings.currency,
        is_synthetic=(settings.landing / SIMULATION).exists(),
        row_word="loans" if market.label_kind == "loan_default" else "decisions",
        aucs=[(entry.feature.name, entry.statistics.auc) for entry in entries if entry.statistics.auc],
        left_out=sorted(KEYS),
        fewest=FEWEST,
        own_style=(TEMPLATES / "features.css").read_text(encoding="utf-8"),
        script=(TEMPLATES / "search.js").read_text(encoding="utf-8"),
    )


def _along(value: float, low: float, high: float) -> float:
    """Where a value lies between two ends, in percent."""
    return round(100 * min(max((value - low) / ((high - low) or 1), 0), 1), 1)


def _side(auc: Auc) -> str:
    return ("riskier" if auc.value > 0.5 else "safer") if auc.is_told_apart else "unclear"


def _percent(share: float) -> str:
    """0.004 as 0.4%, 0 as 0%; 99.99% is not rounded to all."""
    return f"{100 * share:.3g}%" if share < 0.995 else f"{100 * share:.6g}%"
