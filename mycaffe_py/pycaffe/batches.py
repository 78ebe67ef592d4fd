"""Runs many items through a net, one batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import zip_longest

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array

Arrays = dict[str, Array]
# A forward or backward pass: from arrays by blob, of one batch, to arrays by blob.
Pass = Callable[[Arrays], Arrays]


def batches(items: Mapping[str, Array], size: int) -> Iterator[Arrays]:
    """`size` rows of all arrays at a time; zeros fill up the last batch."""
    for begin in range(0, _count(items), size):
        batch = {}
        for name, array in items.items():
            rows = np.asarray(array[begin : begin + size])
            missing = size - len(rows)
            if missing:
                rows = np.concatenate([rows, np.zeros((missing, *rows.shape[1:]), rows.dtype)])
            batch[name] = rows
        yield batch


def _count(items: Mapping[str, Array]) -> int:
    counts = {name: len(array) for name, array in items.items()}
    if len(set(counts.values())) > 1:
        raise UserError(f"arrays of different lengths: {counts}", wanted="one row for each item")
    return next(iter(counts.values()))


class Gathered:
    """Collects copies of the arrays that come out of each batch."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}

    def add(self, found: Mapping[str, Array]) -> None:
        """Take the arrays of one batch."""
        for name, array in found.items():
            self._parts.setdefault(name, []).append(array.copy())

    def whole(self, count: int) -> Arrays:
        """One array for each name, without the rows that filled up the last batch.

        A blob that is a scalar gives one number for each batch.
        """
        return {
            name: np.concatenate(parts)[:count] if parts[0].ndim else np.stack(parts)
            for name, parts in self._parts.items()
        }


def forward_all(forward: Pass, size: int, items: Mapping[str, Array]) -> Arrays:
    """What `forward` makes of all `items`, `size` of them at a time."""
    if not items:
        raise UserError("forward_all without arrays", wanted="an array for each input of the net")
    found = Gathered()
    for batch in batches(items, size):
        found.add(forward(batch))
    return found.whole(_count(items))


def forward_backward_all(
    forward: Pass,
    backward: Pass,
    size: int,
    items: Mapping[str, Array],
    inputs: Collection[str],
    outputs: Collection[str],
) -> tuple[Arrays, Arrays]:
    """What `forward` and then `backward` make of all `items`, `size` of them at a time.

    Items named as one of `inputs` go into forward; those named as one of `outputs` are its diffs
    and go into backward.
    """
    if not items or not {*inputs, *outputs}.issuperset(items):
        raise UserError(
            f"arrays for {', '.join(items) or 'nothing'}",
            wanted=f"arrays for inputs ({', '.join(inputs)}) "
            f"and, as their diffs, outputs ({', '.join(outputs)})",
        )
    values, gradients = Gathered(), Gathered()
    into = {name: array for name, array in items.items() if name in inputs}
    back = {name: array for name, array in items.items() if name not in inputs}
    nothing: Arrays = {}
    steps = zip_longest(
        batches(into, size) if into else (), batches(back, size) if back else (), fillvalue=nothing
    )
    for arrays, diffs in steps:
        values.add(forward(arrays))
        gradients.add(backward(diffs))
    return values.whole(_count(items)), gradients.whole(_count(items))
