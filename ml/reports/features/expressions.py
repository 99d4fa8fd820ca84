"""The columns that one select of a model's SQL reads, what is known of them, and which of them only choose rows."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

# A sum of these over finer groups is the sum over coarser ones.
LINEAR = (exp.Add, exp.Case, exp.Cast, exp.Coalesce, exp.If, exp.Mul, exp.Neg, exp.Paren, exp.Sub)


class Read(NamedTuple):
    """A column that an expression reads; ``is_choice``: it only chooses or orders rows."""

    source: str
    column: str
    is_choice: bool


class Fact(NamedTuple):
    """What holds for a column in every row that matters: its text or, if None, that it is neither zero nor null."""

    source: str
    column: str
    text: str | None


def reads(value: exp.Expr, is_choice: bool) -> Iterator[Read]:
    """The columns of an expression, without those that only spare work in a choice."""
    if isinstance(value, exp.Column):
        yield Read(value.table, value.name, is_choice)
    elif is_choice and (isinstance(value, exp.NullSafeNEQ) or _is_not_zero(value)):
        return
    elif isinstance(value, exp.Window):
        yield from reads(value.this, is_choice)
        for each in (*(value.args.get("partition_by") or ()), value.args.get("order")):
            yield from reads(each, is_choice=True) if each else ()
    elif isinstance(value, exp.Query) or (isinstance(value, exp.Tuple) and isinstance(value.parent, exp.In)):
        return  # a query within the query, and the key by which it is asked
    else:
        for each in value.iter_expressions():
            yield from reads(each, is_choice)


def _is_not_zero(value: exp.Expr) -> bool:
    return isinstance(value, exp.NEQ) and value.expression.name == "0"


def aggregates(value: exp.Expr) -> list[exp.AggFunc]:
    """The aggregates of groups in an expression; those of windows are none."""
    return [each for each in value.find_all(exp.AggFunc) if not _is_windowed(each)]


def _is_windowed(aggregate: exp.AggFunc) -> bool:
    parent = aggregate.parent
    while isinstance(parent, exp.Filter | exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        parent = parent.parent
    return isinstance(parent, exp.Window)


def filters(select: exp.Expr, values: Iterable[exp.Expr]) -> Iterator[exp.Expr]:
    """What chooses the rows behind some values of a select; an outer join does for the columns of what it joins."""
    for clause in ("where", "having", "qualify"):
        if select.args.get(clause):
            yield select.args[clause].this
    sources = {column.table for value in values for column in value.find_all(exp.Column)}
    for join in select.args.get("joins") or ():
        if join.args.get("on") and (not join.side or join.alias_or_name in sources):
            yield join.args["on"]


def row_filters(select: exp.Expr) -> Iterator[exp.Expr]:
    """What chooses rows before they are grouped."""
    clauses = (select.args.get("where"), *(join.args.get("on") for join in select.args.get("joins") or ()))
    yield from (each for each in clauses if each is not None)


def simplified(value: exp.Expr, facts: Iterable[Fact]) -> exp.Expr:
    """The expression where the facts hold."""
    texts = {(fact.source, fact.column): fact.text for fact in facts if fact.text is not None}

    def held(node: exp.Expr) -> exp.Expr:
        text = texts.get((node.table, node.name)) if isinstance(node, exp.Column) else None
        return node if text is None else exp.Literal.string(text)

    return simplify(value.copy().transform(held), dialect="duckdb") if texts else value


def facts(condition: exp.Expr | None) -> Iterator[Fact]:
    """Which columns hold which texts wherever the condition holds."""
    if isinstance(condition, exp.Where | exp.Paren):
        yield from facts(condition.this)
    elif isinstance(condition, exp.And):
        yield from facts(condition.left)
        yield from facts(condition.right)
    elif isinstance(condition, exp.EQ) and isinstance(condition.left, exp.Column) and condition.right.is_string:
        yield Fact(condition.left.table, condition.left.name, condition.right.name)


def facts_of_select(select: exp.Expr) -> Iterator[Fact]:
    """What holds for every row of a select; an outer join holds only for what it joins."""
    yield from facts(select.args.get("where"))
    for join in select.args.get("joins") or ():
        yield from (fact for fact in facts(join.args.get("on")) if fact.source == join.alias_or_name or not join.side)


def facts_of_aggregate(value: exp.Expr) -> Iterator[Fact]:
    """What holds for the rows behind ``sum(case when CONDITION then ADDEND end)`` or ``sum(ADDEND)``."""
    found = aggregates(value)
    if len(found) != 1:
        return
    addend = found[0].this
    if isinstance(found[0].parent, exp.Filter):
        yield from facts(found[0].parent.expression)
    if isinstance(addend, exp.Case) and addend.this is None and len(addend.args["ifs"]) == 1:
        yield from facts(addend.args["ifs"][0].this)
        addend = addend.args["ifs"][0].args["true"]
    if isinstance(found[0], exp.Sum) and isinstance(addend, exp.Column):
        yield Fact(addend.table, addend.name, None)


def contradicts(value: exp.Expr, text: str | None) -> bool:
    """Whether an expression cannot be what a fact says."""
    if text is None:
        return isinstance(value, exp.Null) or (isinstance(value, exp.Literal) and value.name == "0")
    return isinstance(value, exp.Literal) and value.name != text


def is_linear(column: exp.Expr, aggregate: exp.AggFunc) -> bool:
    """Whether a column is a mere addend of a sum: not in a condition, nor multiplied by another."""
    node: exp.Expr = column
    while node.parent is not None and node is not aggregate.this:
        parent = node.parent
        is_condition = isinstance(parent, exp.If) and node.arg_key == "this"
        is_product = isinstance(parent, exp.Mul) and all(side.find(exp.Column) for side in (parent.left, parent.right))
        if is_condition or is_product or not isinstance(parent, LINEAR):
            return False
        node = parent
    return isinstance(aggregate, exp.Sum)
