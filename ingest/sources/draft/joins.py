"""Where a table does not say its seller: the table that does, joined by what looks like a foreign key.

Orders get it from their lines, or from the lines' products; refunds, reviews and payments from their order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingest.sources.draft.choose import Choice
from ingest.sources.draft.found import Found
from ingest.sources.draft.match import LIKELY, best_column, name_score, patterns
from ingest.sources.draft.profile import Profile
from ingest.sources.draft.survey import Survey
from ingest.sources.mapping import Kind
from tradeline.sql import identifier

BY_ORDER = ("refunds", "reviews", "payments")
# So many tables are looked into for each step.
CANDIDATES = 4
ORDER, SELLER, PRODUCT = ("order id", "order"), ("seller id", "seller"), ("product id", "product")
# The names that the joined columns have.
JOINED = {name: f"joined_{name}" for name in ("order_id", "seller_id", "amount", "freight")}


@dataclass(frozen=True)
class Quote:
    """Names as a kind of source writes them."""

    kind: Kind

    def __call__(self, name: str) -> str:
        """The name of a column."""
        if self.kind == "mysql":
            return "`" + name.replace("`", "``") + "`"
        return f"[{name.replace(']', ']]')}]" if self.kind == "sqlserver" else identifier(name)

    def table(self, name: str) -> str:
        """The name of a table, as the source lists it; PostgreSQL's are SQL already."""
        return name if self.kind == "postgres" else ".".join(self(part) for part in name.split("."))

    def amount(self, profile: Profile) -> str:
        """SQL of a number of the table ``line``."""
        column = f"line.{self(profile.name)}"
        return f"amount({column})" if profile.is_text and self.kind == "files" else column


@dataclass(frozen=True)
class Join:
    """Rows of other tables joined to those of one: ``on`` is its own column.

    ``via``: the tables that are joined; the last has the seller. ``order``: the column of the first with the order;
    ``seller``: that with the seller; ``products``: of the first and the second the columns by which those go together;
    ``sums``: by the contract's column those of the first whose product is added up by order and seller;
    ``is_of_lines``: whether orders are joined to their lines.
    """

    on: str
    via: Sequence[Found]
    order: str
    seller: str
    products: tuple[str, str] | None = None
    sums: Mapping[str, Sequence[Profile]] = field(default_factory=dict)
    is_of_lines: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The contract's columns that it brings, and their names."""
        return {name: JOINED[name] for name in ("seller_id", *self.sums)}

    def query(self, of: str, tables: Sequence[str], quote: Quote) -> str:
        """SQL of all columns of ``of`` and those of ``columns``; ``tables``: how SQL calls those of ``via``."""
        brought = ", ".join(self.columns.values())
        return f"select own.*, {brought}\nfrom {of} as own\n{self.clause(tables, quote)}"

    def clause(self, tables: Sequence[str], quote: Quote) -> str:
        """SQL of the join to a relation that is called ``own``."""
        seller = f"{'product' if self.products else 'line'}.{quote(self.seller)}"
        order = f"line.{quote(self.order)}"
        selected = [f"{order} as {JOINED['order_id']}", f"{seller} as {JOINED['seller_id']}"]
        for name, factors in self.sums.items():
            selected.append(f"sum({' * '.join(quote.amount(each) for each in factors)}) as {JOINED[name]}")
        relation = f"{tables[0]} as line"
        if self.products:
            mine, theirs = (quote(each) for each in self.products)
            relation += f" join {tables[1]} as product on product.{theirs} = line.{mine}"
        # A refund of an order that nobody knows is refused by name; an order without lines has no seller.
        lines = [
            "join (" if self.is_of_lines else "left join (",
            f"    select {', '.join(selected)}",
            f"    from {relation}",
            f"    group by {order}, {seller}",
            f") as joined on joined.{JOINED['order_id']} = own.{quote(self.on)}",
        ]
        return "\n".join(lines)


def find_join(survey: Survey, choices: Mapping[str, Choice], choice: Choice) -> Join | None:
    """The join that brings a table's seller; None where it has one, or nothing leads there."""
    if "seller_id" in choice.columns or "order_id" not in choice.columns:
        return None
    own = choice.columns["order_id"][0]
    if choice.table.name == "orders":
        return _through_lines(survey, own, choice.found, adds_up=True)
    orders = choices.get("orders")
    if choice.table.name not in BY_ORDER or not orders or "order_id" not in orders.columns:
        return None
    order = orders.columns["order_id"][0]
    if "seller_id" in orders.columns:
        seller = orders.columns["seller_id"][0].name
        return Join(own.name, [orders.found], order.name, seller) if _compare(own, order) else None
    # A review is of each seller of its order; a refund or payment would count once for each.
    return _through_lines(survey, own, orders.found, adds_up=False) if choice.table.name == "reviews" else None


def _through_lines(survey: Survey, own: Profile, orders: Found, *, adds_up: bool) -> Join | None:
    for lines in _called(survey, "lines", orders):
        order, seller = _column(lines.profiles, ORDER), _column(lines.profiles, SELLER)
        if not order or not _compare(own, order):
            continue
        sums = _sums(lines.profiles) if adds_up else {}
        if seller:
            return Join(own.name, [lines], order.name, seller.name, sums=sums, is_of_lines=adds_up)
        product = _column(lines.profiles, PRODUCT)
        for products in _called(survey, "products", orders) if product else ():
            key, seller = _column(products.profiles, (*PRODUCT, "id")), _column(products.profiles, SELLER)
            if product and key and seller and _compare(product, key):
                via, on = [lines, products], (product.name, key.name)
                return Join(own.name, via, order.name, seller.name, on, sums, adds_up)
    return None


def _compare(one: Profile, other: Profile) -> bool:
    """Whether two columns may be compared: both whole numbers, or neither."""
    return one.is_whole == other.is_whole


def _called(survey: Survey, helper: str, but: Found) -> list[Found]:
    """The tables whose names mean a helper's, the likeliest first; few are looked into."""
    wanted = patterns()["helpers"][helper]
    scored = [(name_score(each.short_name, wanted, ("seller",)), each) for each in survey.found if each is not but]
    likely = sorted((each for each in scored if each[0] >= LIKELY), key=lambda each: -each[0])[:CANDIDATES]
    for _, found in likely:
        survey.sample(found)
    return [found for _, found in likely]


def _column(columns: Sequence[Profile], wanted: Sequence[str]) -> Profile | None:
    scored = [(name_score(each.name, wanted, ("item", "sale")), -place) for place, each in enumerate(columns)]
    score, place = max(scored, default=(0.0, 0))
    return columns[-place] if score >= LIKELY else None


def _sums(columns: Sequence[Profile]) -> dict[str, Sequence[Profile]]:
    """What of lines is added up: their amount, or their price by their quantity, and their freight."""
    numbers = [each for each in columns if each.is_numeric or each.numbers]
    amount, freight, price, quantity = (
        best_column(numbers, f"line_{what}", ("item", "order")) for what in ("amount", "freight", "price", "quantity")
    )
    factors = [amount] if amount else [each for each in (price, quantity) if each and price]
    return {name: found for name, found in (("amount", factors), ("freight", [freight] if freight else [])) if found}
