"""Floor 8. Many items through a net, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import Array

if TYPE_CHECKING:
    from mycaffe_py.pycaffe.net import Net

Arrays = dict[str, Array]


def batches(items: Mapping[str, Array], size: int) -> Iterator[Arrays]:
    """Rows of all arrays, `size` at a time; the last ones are filled up with zeros."""
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
    """Copies of what each batch gives."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}

    def add(self, found: Mapping[str, Array]) -> None:
        """Take the arrays of one batch."""
        for name, array in found.items():
            self._parts.setdefault(name, []).append(array.copy())

    def whole(self, count: int) -> Arrays:
        """One array for each name, without the rows that filled up the last batch.

        A scalar gives one number a batch.
        """
        return {
            name: np.concatenate(parts)[:count] if parts[0].ndim else np.stack(parts)
            for name, parts in self._parts.items()
        }


def forward_all(net: Net, blobs: list[str] | None, items: Mapping[str, Array]) -> Arrays:
    """What Net.forward gives for all `items`."""
    if not items:
        raise UserError("forward_all without arrays", wanted="an array for each input of the net")
    found = Gathered()
    for batch in net._batch(items):
        found.add(net.forward(blobs, None, None, **batch))
    return found.whole(_count(items))


def forward_backward_all(
    net: Net, blobs: list[str] | None, diffs: list[str] | None, items: Mapping[str, Array]
) -> tuple[Arrays, Arrays]:
    """What Net.forward and Net.backward give for all `items`: inputs, and diffs of outputs."""
    known = {*net.inputs, *net.outputs}
    if not items or not known.issuperset(items):
        raise UserError(
            f"arrays for {', '.join(items) or 'nothing'}",
            wanted=f"arrays for inputs ({', '.join(net.inputs)}) "
            f"and, as their diffs, outputs ({', '.join(net.outputs)})",
        )
    values, gradients = Gathered(), Gathered()
    into = {name: array for name, array in items.items() if name in net.inputs}
    back = {name: array for name, array in items.items() if name not in net.inputs}
    nothing: Arrays = {}
    steps = zip_longest(
        net._batch(into) if into else (), net._batch(back) if back else (), fillvalue=nothing
    )
    for forward, backward in steps:
        values.add(net.forward(blobs, None, None, **forward))
        gradients.add(net.backward(diffs, None, None, **backward))
    return values.whole(_count(items)), gradients.whole(_count(items))
