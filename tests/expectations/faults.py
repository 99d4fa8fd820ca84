"""One fault for each hard expectation on the marts, each on a seller of its own, and how its message must read."""

from dataclasses import dataclass

from expectations.suite import GateName

FEATURES, SCORES, OFFERS = "marts.seller_features", "marts.credit_scores", "marts.loan_eligibility"
ADVERSE = "marts.adverse_actions"


@dataclass(frozen=True)
class Fault:
    """``statement`` breaks the seller that takes the place of ``{seller}``; ``told`` is all in one line."""

    gate: GateName
    statement: str
    told: tuple[str, ...]

    def on(self, seller: str) -> "Fault":
        """The fault on one seller."""
        told = tuple(fragment.replace("{seller}", seller) for fragment in self.told)
        return Fault(self.gate, self.statement.replace("{seller}", f"'{seller}'"), told)


def _set(gate: GateName, table: str, change: str, *told: str) -> Fault:
    return Fault(gate, f"update {table} set {change} where seller_id = {{seller}}", (table, "{seller}", *told))


def _twice(gate: GateName, table: str) -> Fault:
    return Fault(gate, f"insert into {table} from {table} where seller_id = {{seller}}", (table, "unique", "{seller}"))


def _gone(gate: GateName, table: str, judged: str, told: str, expected: str = "nobody else") -> Fault:
    return Fault(gate, f"delete from {table} where seller_id = {{seller}}", (judged, expected, "{seller}", told))


FAULTS = (
    _twice("features_out", FEATURES),
    _gone("features_out", FEATURES, FEATURES, "is_known=True"),
    _gone("features_out", "raw.sellers", FEATURES, "is_known=False"),
    *(
        _set("features_out", FEATURES, f"{feature} = '{value}'", f"feature={feature} expected={expected}", f"={value}")
        for feature, value, expected in (
            ("low_rating_share_90d", "1.25", "at most 1"),
            ("late_delivery_rate_30d", "-0.25", "at least 0"),
            ("cancellation_rate_90d", "-0.5", "at least 0"),
            ("tenure_days", "-3.0", "at least 0"),
            ("inflow_amount_30d", "-10.25", "at least 0"),
            ("average_rating_90d", "6.0", "at most 5"),
            ("sales_growth_30d", "inf", "finite"),
            ("orders_30d", "1000000.0", "at most orders_90d"),
            ("sales_amount_180d", "1000000000.01", "at most sales_amount_365d"),
        )
    ),
    _twice("scores_out", SCORES),
    _gone("scores_out", SCORES, SCORES, "is_scored=False"),
    _set("scores_out", SCORES, "pd = null", ".pd", "not be null"),
    _set("scores_out", SCORES, "score = null", ".score", "not be null"),
    _set("scores_out", SCORES, "model_version = null", ".model_version", "not be null"),
    _set("scores_out", SCORES, "pd = 1, score = 350", ".pd", "below 1", "pd=1.0"),
    _set("scores_out", SCORES, "score = 951", ".score", "at most 950", "score=951"),
    Fault(
        "scores_out",
        f"update {SCORES} set score = 949 where seller_id = {{seller}}",
        (SCORES, "higher pd", "score_of_lower_pd"),
    ),
    _set("scores_out", SCORES, "reasons = ['A', 'B', 'C', 'D', 'E']", "4 reasons", "'E'"),
    _set("scores_out", SCORES, "reason_details = null", "reason_details to be of the same reasons", "details=None"),
    Fault(
        "scores_out",
        f"update {SCORES} set model_version = 'model-2' where seller_id = {{seller}}",
        (SCORES, "one model_version", "'model-1', 'model-2'"),
    ),
    Fault(
        "scores_out",
        f"alter table {SCORES} alter score type double; update {SCORES} set score = 900.5 where seller_id = {{seller}}",
        (SCORES, "whole number", "{seller}", "900.5"),
    ),
    _twice("offers_out", OFFERS),
    _gone("offers_out", OFFERS, OFFERS, "is_decided=False"),
    *(
        _set("offers_out", OFFERS, f"{column} = null", f".{column}", "not be null")
        for column in (
            "is_eligible",
            "limit_amount",
            "expected_loss_amount",
            "reason_codes",
            "policy_version",
            "run_id",
        )
    ),
    _set("offers_out", OFFERS, "limit_amount = 1000000.01", "from 0 to the policy's limit_max", "=1000000.01"),
    _set(
        "offers_out",
        OFFERS,
        "is_eligible = false, reason_codes = ['PD_TOO_HIGH']",
        "limit_amount to be 0",
        "limit_amount=5000.00",
    ),
    _set("offers_out", OFFERS, "limit_amount = 0", "an offer to have a limit", "limit_amount=0.00"),
    _set("offers_out", OFFERS, "annual_rate = null", "an offer to have a limit", "annual_rate=None"),
    _set("offers_out", OFFERS, "annual_rate = 18", ".annual_rate", "at most 1", "annual_rate=18.0"),
    _set("offers_out", OFFERS, "term_days = 0", ".term_days", "term_days=0"),
    _set("offers_out", OFFERS, "expected_loss_amount = -1", ".expected_loss_amount", "=-1.00"),
    _set("offers_out", OFFERS, "is_eligible = false, limit_amount = 0", "at least one reason", "reason_codes=[]"),
    _set(
        "offers_out",
        OFFERS,
        "is_eligible = false, limit_amount = 0, reason_codes = ['MADE_UP']",
        "policy.reason_codes",
        "reason_code=MADE_UP",
    ),
    # The first of these sellers has a full offer, the second a lower one; the others are declined.
    Fault(
        "offers_out",
        f"insert into {ADVERSE} select * replace ({{seller}} as seller_id) from {ADVERSE} limit 1",
        (ADVERSE, "a full one not", "{seller}", "is_told=True"),
    ),
    _gone("offers_out", ADVERSE, ADVERSE, "is_told=False", "a full one not"),
    _gone("offers_out", ADVERSE, ADVERSE, "is_eligible=False", "declined seller to be told why"),
    _set("offers_out", ADVERSE, "seller_id = 'nobody'", "nobody on whom", "seller_id=nobody", "is_eligible=None"),
    _set("offers_out", ADVERSE, "position = 5", ".position", "at most 4", "position=5"),
    _set("offers_out", ADVERSE, "position = 2", "without a gap", "positions=[2]"),
    _twice("offers_out", ADVERSE),
    *(
        _set("offers_out", ADVERSE, f"{column} = null", f".{column}", "not be null")
        for column in ("reason_code", "sentence", "advice", "basis", "run_id")
    ),
    _set("offers_out", OFFERS, "installments = 0", ".installments", "installments=0"),
    _set("offers_out", OFFERS, "limit_amount = -0.01", "from 0 to the policy's limit_max", "=-0.01"),
)


def faults_of(gate: GateName) -> list[Fault]:
    """The faults of a gate, one on each of the sellers 'seller-1', 'seller-2' and so on."""
    return [fault.on(f"seller-{i}") for i, fault in enumerate((each for each in FAULTS if each.gate == gate), start=1)]
