"""Rows in the making: arrays collected over a block of days, handed on as one Arrow table."""

from typing import Any

import numpy as np
import pyarrow as pa


class Collected:
    """Batches of equally long arrays under fixed column names and types."""

    def __init__(self, **types: pa.DataType) -> None:
        self.schema = pa.schema(list(types.items()))
        self._batches: list[tuple[int, dict[str, Any]]] = []

    def add(self, **columns: Any) -> None:
        """One batch; a scalar stands for a column of that value, None for a column of nulls."""
        count = next(len(values) for values in columns.values() if isinstance(values, np.ndarray))
        if count:
            self._batches.append((count, columns))

    def take(self) -> pa.Table:
        """Everything collected since the last time."""
        batches, self._batches = self._batches, []
        if not batches:
            return self.schema.empty_table()
        return pa.table([_joined(field, batches) for field in self.schema], schema=self.schema)


def _joined(field: pa.Field, batches: list[tuple[int, dict[str, Any]]]) -> pa.Array:
    is_null = np.repeat([columns[field.name] is None for _, columns in batches], [count for count, _ in batches])
    parts = [_full(count, columns[field.name], field.type) for count, columns in batches]
    return pa.array(np.concatenate(parts), mask=is_null).cast(field.type)


def _full(count: int, value: Any, kind: pa.DataType) -> np.ndarray:
    if isinstance(value, np.ndarray):
        return value
    blank = "" if kind == pa.string() else 0
    return np.full(count, blank if value is None else value)
