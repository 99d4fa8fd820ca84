"""The levels of the simulated market, in one place; docs/simulator.md says where each comes from."""

from dataclasses import dataclass

INDUSTRIES = (
    "apparel", "shoes", "beauty", "food", "home", "toys", "electronics", "phones", "sports", "baby", "books", "garden",
)  # fmt: skip
INDUSTRY_WEIGHTS = (0.2, 0.08, 0.12, 0.12, 0.12, 0.06, 0.07, 0.06, 0.05, 0.06, 0.03, 0.03)
INDUSTRY_PRICES = (110.0, 170.0, 95.0, 60.0, 140.0, 75.0, 320.0, 600.0, 180.0, 120.0, 45.0, 90.0)
REGIONS = ("zhejiang", "guangdong", "jiangsu", "shanghai", "fujian", "beijing", "shandong", "sichuan")
REGION_WEIGHTS = (0.22, 0.22, 0.13, 0.1, 0.1, 0.08, 0.08, 0.07)


@dataclass(frozen=True)
class Levels:
    """Typical levels and the strength of what drives them; shares and rates 0 to 1, amounts in the currency's unit."""

    # Sellers
    business_share: float = 0.35
    first_shop_share: float = 0.88  # of shops; the others belong to the owner of the shop before
    present_share: float = 0.84  # of sellers, there before the first night; the rest come during the days simulated
    tenure_mean_days: float = 600
    exit_daily_rate: float = 0.0004
    fake_seller_share: float = 1 / 6
    # Sales
    orders_min_daily_rate: float = 0.13  # where the Pareto tail of sizes begins
    orders_max_daily_rate: float = 120
    size_tail_exponent: float = 1.25
    small_seller_share: float = 0.2  # below the tail: shops that hardly sell
    market_growth_rate: float = 0.08  # a year
    demand_memory_daily: float = 0.9885  # what is left of a shock after a day: half of it after 60 days
    seller_demand_spread: float = 0.6
    industry_demand_spread: float = 0.3
    region_demand_spread: float = 0.2
    cushion_spread: float = 0.6  # how far luck in sales fills or drains the seller's cushion
    demand_effect: float = 0.35  # of one unit of demand on the log of sales
    amount_spread: float = 0.6  # of the log of an order's amount
    # Service
    unpaid_share: float = 0.03
    cancelled_share: float = 0.018
    late_share: float = 0.07
    refund_share: float = 0.06
    review_share: float = 0.45
    rating_mean: float = 4.45
    reputation_memory_days: float = 45
    # Money
    fee_rate: float = 0.05
    # Fake orders
    campaign_daily_rate: float = 0.012
    campaign_days: int = 20
    before_application_days: int = 45
    fake_orders_ratio: float = 0.5  # fake orders to true ones during a campaign
    # What the platform hears late, wrong or twice
    late_arrival_share: float = 0.015
    corrected_share: float = 0.004
    sent_again_share: float = 0.002  # the same row on the next night
    sent_twice_share: float = 0.0005  # the same row twice in one night
    # Loans
    lending_from_day: int = 14
    application_daily_rate: float = 0.035
    term_days: int = 90
    installments: int = 3
    annual_rate: float = 0.18
    principal_min_amount: float = 500
    principal_max_amount: float = 1_000_000
    default_intercept: float = -4.85  # log-odds of failing one installment: typical seller, loan of a month's sales
    default_quality_effect: float = -1.2
    default_condition_effect: float = -1.3
    default_leverage_effect: float = 0.6
    default_fake_effect: float = 0.8
    repay_early_share: float = 0.08
    write_off_days: int = 100  # after the due date of the installment that was failed

    @property
    def cushion_step(self) -> float:
        """How much one standard deviation of a day's luck moves the cushion."""
        return float(self.cushion_spread * (1 - self.demand_memory_daily**2) ** 0.5)

    @property
    def condition_spread(self) -> float:
        """Standard deviation of a seller's condition: demand of the three kinds and the cushion."""
        parts = self.seller_demand_spread, self.industry_demand_spread, self.region_demand_spread, self.cushion_spread
        return float(sum(part**2 for part in parts) ** 0.5)


LEVELS = Levels()
