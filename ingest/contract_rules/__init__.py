"""What counts where a status and a time, two times, or a time and an amount of a raw row contradict each other.

Real exports are full of such rows, so nearly all are read, by the rule that harms seller and lender least; a row is set
aside only where both readings would be wrong. The soft checks of admission, its count of such rows and the table in
docs/raw_contract.md come from this folder; dbt_project/models/staging applies it, and a test holds each line to that.
"""

from ingest.contract_rules.loans import LOANS_RULES
from ingest.contract_rules.money import MONEY_RULES
from ingest.contract_rules.orders import ORDERS_RULES
from ingest.contract_rules.rule import Rule, Verdict

__all__ = ["RULES", "Rule", "Verdict", "rules_of"]

RULES: tuple[Rule, ...] = (*ORDERS_RULES, *MONEY_RULES, *LOANS_RULES)


def rules_of(table: str) -> list[Rule]:
    """The rules of a raw table, in the order of the page."""
    return [rule for rule in RULES if rule.table == table]
