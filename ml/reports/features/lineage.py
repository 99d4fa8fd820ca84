"""Column lineage: from a column of a model through every model's compiled SQL down to the raw columns.

A column comes from what its expression reads and from what chooses the rows behind it. Five rules keep that to what a
reader means:

- What chooses rows by a key or an arrival day is left out (``KEYS``): every feature is matched by its seller and by
  what had arrived.
- ``is distinct from`` and ``<> 0`` in a filter only spare work: they pass over corrections and rows that add nothing.
- ``kind = 'paid'`` in the condition of an aggregate holds for the rows behind it, so other cases' columns fall away,
  and a branch of a union that adds zero falls away too.
- A column that rows are grouped by is read with each aggregate beside it, under what holds for that aggregate.
- How finely rows are grouped matters to what counts or compares groups, not to what adds them up.

sqlglot's own lineage follows selected expressions only. It finds the columns of 3 of the 16 features that the tests
work out by hand: it misses what chooses rows (the buyers of ``buyers_90d``), and names every case's columns and keys.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from ml.reports.features.expressions import (
    Fact,
    Read,
    aggregates,
    contradicts,
    facts,
    facts_of_aggregate,
    facts_of_select,
    filters,
    is_linear,
    reads,
    row_filters,
    simplified,
)
from tradeline.contracts.raw import TABLES
from tradeline.errors import TradelineError

KEYS = {name for table in TABLES for name in table.key} | {"arrived_on", "source_file"}
NIGHT = "as_of"
ROWS = "*"
"""Read as if it were a column: what distinguishes the rows of a relation."""

Schema = dict[str, dict[str, dict[str, str]]]
Origins = dict[str, frozenset[str]]
"""Raw columns, ``table.column``, each with the models on the way to it."""

Wanted = frozenset[tuple[str, bool]]
"""Columns that are read together from one relation, each with whether it only chooses rows."""

Known = frozenset[tuple[str, str | None]]
"""What holds for columns of a relation, as in ``Fact``."""


class CompiledModel(NamedTuple):
    """A dbt model: its name and its compiled SQL."""

    name: str
    sql: str


class Lineage:
    """The lineage of columns of models; each column is traced once."""

    def __init__(self, models: Mapping[str, CompiledModel], schema: Schema) -> None:
        """``models`` by relation, ``schema.table``; ``schema``: every relation's columns and types."""
        self._models = models
        self._schema = schema
        self._roots: dict[str, Scope] = {}
        self._traced: dict[tuple[int, Wanted, Known], Origins] = {}
        self._known_keys: dict[int, frozenset[str]] = {}

    def of(self, relation: str, column: str) -> Origins:
        """Where a column of the model that makes ``relation`` comes from.

        Raises:
            TradelineError: the SQL of a model on the way cannot be read.
        """
        return self._from_table(relation, frozenset({(column, False)}), frozenset())

    def _from_table(self, relation: str, wanted: Wanted, known: Known) -> Origins:
        if relation not in self._models:
            schema, _, table = relation.partition(".")
            if schema == "contracts":
                return {}  # the label's numbers, which nothing has landed
            known_columns = self._schema.get(schema, {}).get(table, {})  # a function like generate_series has none
            return {f"{table}.{column}": frozenset() for column, _ in sorted(wanted) if column in known_columns}
        name = self._models[relation].name
        found = self._from_source(self._root(relation), wanted, known)
        return {raw: models | {name} for raw, models in found.items()}

    def _root(self, relation: str) -> Scope:
        if relation not in self._roots:
            self._roots[relation] = _scope(self._models[relation], self._schema)
        return self._roots[relation]

    def _from_source(self, source: Scope | exp.Expr, wanted: Wanted, known: Known) -> Origins:
        if isinstance(source, exp.Table):
            return self._from_table(_relation(source), wanted, known)
        assert isinstance(source, Scope)
        key = (id(source), wanted, known)
        if key not in self._traced:
            self._traced[key] = {}  # a model that reads itself ends here
            if source.set_operation_scopes:
                self._traced[key] = self._from_union(source, wanted, known)
            elif isinstance(source.expression, exp.Select):
                self._traced[key] = self._from_select(source, wanted, known)
            else:  # unnest and the like
                self._traced[key] = self._from_reads(source, {*reads(source.expression, is_choice=False)}, ())
        return self._traced[key]

    def _from_union(self, scope: Scope, wanted: Wanted, known: Known) -> Origins:
        found: list[Origins] = []
        for branch in scope.set_operation_scopes:
            own = dict(zip(_names(scope), _names(branch), strict=True)) | {ROWS: ROWS}
            renamed = frozenset((own[column], is_choice) for column, is_choice in wanted)
            found.append(self._from_source(branch, renamed, frozenset((own[column], text) for column, text in known)))
        return _merged(found)

    def _from_select(self, scope: Scope, wanted: Wanted, known: Known) -> Origins:
        outputs = _outputs(scope)
        if any(contradicts(outputs[column], text) for column, text in known):
            return {}
        columns = ((outputs[column], text) for column, text in known)
        given = {Fact(value.table, value.name, text) for value, text in columns if isinstance(value, exp.Column)}
        values = [(outputs[column], is_choice) for column, is_choice in sorted(wanted) if column != ROWS]
        if (ROWS, True) in wanted:
            values += [(each, True) for each in _distinguishing(scope, [value for value, _ in values])]
        aggregated = [each for each in values if aggregates(each[0])]
        others = [each for each in values if not aggregates(each[0])]
        together = [[each, *others] for each in aggregated] or [others]
        return _merged(self._from_values(scope, each, given) for each in together)

    def _from_values(self, scope: Scope, values: list[tuple[exp.Expr, bool]], given: set[Fact]) -> Origins:
        """From at most one aggregate and what it is grouped by, or from columns of rows."""
        every = [value for value, _ in values]
        rows = list(filters(scope.expression, every))
        if given and any(simplified(each, given) == exp.false() for each in rows):
            return {}
        held = given | set(facts_of_select(scope.expression))
        held |= {fact for value in every for fact in facts_of_aggregate(value)}
        used = {read for value, is_choice in values for read in reads(simplified(value, held), is_choice)}
        used |= {read for each in rows for read in reads(simplified(each, held - set(facts(each))), is_choice=True)}
        texts = {(fact.source, fact.column) for fact in held if fact.text is not None}
        used |= {read for each in (*every, *rows) for read in reads(each, is_choice=True) if read[:2] in texts}
        used |= {read for value in every for read in self._reads_of_groups(scope, value)}
        return _merged(
            [self._from_reads(scope, used, held), *(self._from_query(each) for each in scope.subquery_scopes)]
        )

    def _from_query(self, scope: Scope) -> Origins:
        """From a query within a select, which chooses its rows."""
        return self._from_source(
            scope, frozenset((name, True) for name in _names(scope) if name not in KEYS), frozenset()
        )

    def _reads_of_groups(self, scope: Scope, value: exp.Expr) -> Iterable[Read]:
        """What distinguishes grouped rows, where an aggregate counts, compares or chooses them group by group."""
        chosen = {read[:2] for each in row_filters(scope.expression) for read in reads(each, is_choice=True)}
        for aggregate in aggregates(value):
            columns = list(aggregate.find_all(exp.Column))
            for name in sorted({column.table for column in columns} or set(scope.selected_sources)):
                source = _source(scope, name)
                keys = self._keys(source) if source is not None else frozenset()
                measures = [column for column in columns if column.table == name and column.name not in keys]
                is_of_keys = not measures and (isinstance(aggregate, exp.Min | exp.Max) or aggregate.find(exp.Distinct))
                is_sum = measures and all(is_linear(column, aggregate) for column in measures)
                is_chosen = any(read[0] == name and read[1] not in keys for read in chosen)
                if is_chosen or not (is_of_keys or is_sum):
                    yield Read(name, ROWS, is_choice=True)

    def _from_reads(self, scope: Scope, used: set[Read], held: Iterable[Fact]) -> Origins:
        wanted: dict[str, set[tuple[str, bool]]] = {name: set() for name in scope.selected_sources}
        for read in used:
            if read.column != NIGHT and not (read.is_choice and read.column in KEYS):
                wanted.setdefault(read.source, set()).add((read.column, read.is_choice))
        found: list[Origins] = []
        for name, columns in sorted(wanted.items()):
            source = _source(scope, name)
            if source is not None and (columns or not used):
                known = frozenset((fact.column, fact.text) for fact in held if fact.source == name)
                found.append(self._from_source(source, frozenset(columns), known))
        return _merged(found)

    def _keys(self, source: Scope | exp.Expr) -> frozenset[str]:
        """The columns of a relation that it is grouped by, as far as they are handed on."""
        if isinstance(source, exp.Table):
            relation = _relation(source)
            return self._keys(self._root(relation)) if relation in self._models else frozenset()
        assert isinstance(source, Scope)
        if id(source) not in self._known_keys:
            self._known_keys[id(source)] = frozenset()
            self._known_keys[id(source)] = self._find_keys(source)
        return self._known_keys[id(source)]

    def _find_keys(self, scope: Scope) -> frozenset[str]:
        if scope.set_operation_scopes:
            branches = ((self._keys(each), _names(each)) for each in scope.set_operation_scopes)
            positions = [{own.index(key) for key in keys} for keys, own in branches]
            return frozenset(_names(scope)[position] for position in set.intersection(*positions))
        if not isinstance(scope.expression, exp.Select):
            return frozenset()
        if scope.expression.args.get("distinct"):
            return frozenset(_names(scope))
        return frozenset(name for name, value in _outputs(scope).items() if self._is_key(scope, value))

    def _is_key(self, scope: Scope, value: exp.Expr) -> bool:
        if scope.expression.args.get("group"):
            return not aggregates(value)
        keys = {name: self._keys(source) for name, (_, source) in scope.selected_sources.items()}
        used = [column.name in keys[column.table] for column in value.find_all(exp.Column) if keys.get(column.table)]
        return bool(used) and all(used)


def _scope(model: CompiledModel, schema: Schema) -> Scope:
    try:
        scope = build_scope(qualify(parse_one(model.sql, dialect="duckdb"), schema={**schema}, dialect="duckdb"))
    except SqlglotError as error:
        raise TradelineError(f"sqlglot cannot read the model {model.name}: {error}") from error
    if scope is None:
        raise TradelineError(f"the model {model.name} is no query")
    return scope


def _relation(table: exp.Table) -> str:
    return f"{table.db}.{table.name}"


def _source(scope: Scope, name: str) -> Scope | exp.Expr | None:
    """What a name stands for here or, in a subquery, around it; None for a lambda's own names."""
    found = scope.sources.get(name)
    return found if found is not None or scope.parent is None else _source(scope.parent, name)


def _query(scope: Scope) -> exp.Query:
    assert isinstance(scope.expression, exp.Query)
    return scope.expression


def _names(scope: Scope) -> list[str]:
    return _query(scope).named_selects


def _outputs(scope: Scope) -> dict[str, exp.Expr]:
    return {each.alias_or_name: each.unalias() for each in _query(scope).selects}


def _distinguishing(scope: Scope, values: list[exp.Expr]) -> list[exp.Expr]:
    """What distinguishes a select's rows: its groups or, if it has none, what does so in the values' relations."""
    select = _query(scope)
    if select.args.get("distinct"):
        return [each.unalias() for each in select.selects]
    if select.args.get("group"):
        return list(select.args["group"].expressions)
    columns = {column for value in values for column in value.find_all(exp.Column)}
    names = {column.table for column in columns if column.name != NIGHT} or set(scope.selected_sources)
    return [exp.column(ROWS, name) for name in sorted(names)]


def _merged(found: Iterable[Origins]) -> Origins:
    merged: Origins = {}
    for each in found:
        for raw, models in each.items():
            merged[raw] = merged.get(raw, frozenset()) | models
    return merged
