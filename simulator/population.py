"""The sellers of the market: what is fixed about each, seen and hidden."""

from dataclasses import dataclass

import numpy as np

from simulator.levels import INDUSTRY_PRICES, INDUSTRY_WEIGHTS, REGION_WEIGHTS, Levels

NEVER = np.int32(2**30)


@dataclass(frozen=True)
class Population:
    """Arrays of shape (sellers,). Days count from the first night, 0; earlier ones are negative.

    Hidden: ``quality`` (standard normal), ``tardiness`` (standard normal; the higher, the later it pays), ``is_faker``,
    ``daily_orders`` (of an ordinary day, once established), ``growth_rate`` (a year), ``returning_share`` (of orders).
    """

    owner: np.ndarray
    is_business: np.ndarray
    industry: np.ndarray
    region: np.ndarray
    registered_day: np.ndarray
    price: np.ndarray
    quality: np.ndarray
    tardiness: np.ndarray
    is_faker: np.ndarray
    partner: np.ndarray
    daily_orders: np.ndarray
    growth_rate: np.ndarray
    returning_share: np.ndarray
    cost_share: np.ndarray
    payout_weekday: np.ndarray

    @property
    def opening_cents(self) -> np.ndarray:
        """What is on each account before the first night: some days' sales of those who were there."""
        kept = 2.5 * self.daily_orders * self.price * (self.registered_day < 0)
        return np.asarray(np.round(kept * 100).astype(np.int64))

    @property
    def entry_day(self) -> np.ndarray:
        """The day on which the platform comes to know the seller."""
        return np.asarray(np.maximum(self.registered_day, 0))


def draw_population(levels: Levels, sellers: int, days: int, random: np.random.Generator) -> Population:
    """The market's sellers; those who are not there from the start come during the first ``days``."""
    owner = np.cumsum(random.random(sellers) >= 1 - levels.first_shop_share).astype(np.int32)
    of_owner = random.normal(size=(int(owner[-1]) + 1, 4))[owner]
    quality = np.sqrt(0.5) * (of_owner[:, 0] + random.normal(size=sellers))
    industry = random.choice(len(INDUSTRY_WEIGHTS), sellers, p=INDUSTRY_WEIGHTS).astype(np.int8)
    is_faker = _fakers(levels, quality, random)
    return Population(
        owner=owner,
        is_business=of_owner[:, 1] < np.quantile(of_owner[:, 1], levels.business_share),
        industry=industry,
        region=_by_weight(of_owner[:, 2], REGION_WEIGHTS),
        registered_day=_registered(levels, sellers, days, random),
        price=np.array(INDUSTRY_PRICES)[industry] * np.exp(random.normal(0, 0.5, sellers)),
        quality=quality,
        tardiness=-0.5 * quality + np.sqrt(0.75) * random.normal(size=sellers),
        is_faker=is_faker,
        partner=_partners(is_faker, random),
        daily_orders=_sizes(levels, quality, random),
        growth_rate=random.normal(0, 0.25, sellers),
        returning_share=np.clip(0.18 + 0.05 * quality + random.normal(0, 0.05, sellers), 0.02, 0.5),
        cost_share=random.uniform(0.5, 0.75, sellers),
        payout_weekday=random.integers(0, 7, sellers, dtype=np.int8),
    )


def _sizes(levels: Levels, quality: np.ndarray, random: np.random.Generator) -> np.ndarray:
    sellers = len(quality)
    tail = levels.orders_min_daily_rate * random.random(sellers) ** (-1 / levels.size_tail_exponent)
    small = random.uniform(0.005, levels.orders_min_daily_rate / 2, sellers)
    size = np.where(random.random(sellers) < levels.small_seller_share, small, tail) * np.exp(0.2 * quality)
    return np.asarray(np.minimum(size, levels.orders_max_daily_rate))


def _registered(levels: Levels, sellers: int, days: int, random: np.random.Generator) -> np.ndarray:
    before = -1 - np.minimum(random.exponential(levels.tenure_mean_days, sellers), 3000)
    later = random.integers(1, max(days, 2), sellers)
    return np.where(random.random(sellers) < levels.present_share, before, later).astype(np.int32)


def _fakers(levels: Levels, quality: np.ndarray, random: np.random.Generator) -> np.ndarray:
    inclination = random.logistic(size=len(quality)) - 0.8 * quality
    return np.asarray(inclination > np.quantile(inclination, 1 - levels.fake_seller_share))


def _partners(is_faker: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Fakers in pairs who buy from each other: the other's number, or one's own."""
    partner = np.arange(len(is_faker), dtype=np.int32)
    fakers = random.permutation(np.flatnonzero(is_faker))
    half = len(fakers) // 2
    partner[fakers[:half]] = fakers[half : 2 * half]
    partner[fakers[half : 2 * half]] = fakers[:half]
    return partner


def _by_weight(normal: np.ndarray, weights: tuple[float, ...]) -> np.ndarray:
    edges = np.quantile(normal, np.cumsum(weights)[:-1])
    return np.searchsorted(edges, normal).astype(np.int8)
