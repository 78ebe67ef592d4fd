"""How the values of a blob in the shards of a batch make those of the whole batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mycaffe_py.graph.model import Graph
from mycaffe_py.layers.base import Shape
from mycaffe_py.solver.shards.net import Part

# The values are the same in each shard: they do not depend on the batch.
SAME = "same"
# Shards hold rows of it.
ROWS = "rows"
# Shards hold means, or sums, over their rows.
MEAN = "mean"


def join_of(name: str, whole: Graph, shard: Graph) -> str:
    """How blob `name` joins: ROWS, MEAN or SAME; `whole` is the graph for the whole batch.

    What is told by shapes: rows change that of the blob, and a mean those of what it is made of.
    """
    if _shape(name, whole) != _shape(name, shard):
        return ROWS
    maker = next(node for node in reversed(shard.nodes) if name in node.tops)
    same = all(_shape(bottom, whole) == _shape(bottom, shard) for bottom in maker.bottoms)
    return SAME if same else MEAN


def shares_of(join: str, parts: Sequence[Part]) -> list[float]:
    """The factors of the shards' values in that of the batch, as for a top that is a loss."""
    if join == SAME:
        return [1 / len(parts)] * len(parts)
    if join == ROWS or parts[0].count is None:
        return [1.0] * len(parts)
    counts = [part.count or 0.0 for part in parts]
    whole = max(1.0, math.fsum(counts))
    return [count / whole for count in counts]


def joined(join: str, parts: Sequence[Part], axis: int) -> Any:
    """An output of the whole batch as plain numbers or lists; rows lie along `axis`."""
    values = [part.values for part in parts]
    if join == ROWS:
        return np.concatenate(values, axis=axis).tolist()
    if join == SAME:
        return values[0].tolist()
    shares = shares_of(join, parts)
    # A share of 0 is that of a shard in which nothing counts, whose value may be NaN.
    found = [
        share * value.astype(np.float64)
        for share, value in zip(shares, values, strict=True)
        if share
    ]
    return np.sum(found, axis=0).tolist() if found else values[0].tolist()


def axis_of(name: str, whole: Graph, shard: Graph) -> int:
    """The axis along which the rows of shards lie one behind the other."""
    pairs = zip(_shape(name, whole), _shape(name, shard), strict=True)
    return next((axis for axis, (all_, own) in enumerate(pairs) if all_ != own), 0)


def _shape(name: str, graph: Graph) -> Shape:
    return graph.blobs[name].shape if name in graph.blobs else ()
