"""Exact search: the k nearest rows of a table for each query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.kernels.retrieval.smallest import keep_smallest
from mycaffe_py.retrieve.distances import Metric, Numbers, Rows, check_shapes, distance_blocks

# Queries that go through the rows together: beyond it, nothing is gained by going less often.
_TOGETHER = 4096


@dataclass(frozen=True)
class Nearest:
    """What was found for each query, the nearest first: `rows` (Q, k), `distances` (Q, k).

    Of equal distances the lower row comes first. Where there are fewer than k rows, the last
    places hold row -1 at distance infinity.
    """

    rows: Rows
    distances: Numbers


def nearest(
    queries: NDArray[Any],
    rows: NDArray[Any],
    k: int,
    metric: Metric = "squared",
    *,
    skip: Rows | None = None,
    block: int | None = None,
) -> Nearest:
    """The k nearest of `rows` (N, D) for each of `queries` (Q, D); every row is looked at.

    `rows` may be a memory map. `skip` (Q,) names a row that does not count for a query (itself),
    -1 for none. Distances are float64: squared, or 1 - cosine. The result has the same bits for
    any number of threads, any `block` (rows looked at together), any company of a query.

    Errors: k < 1, another D, a row with NaN or infinity.
    """
    if k < 1:
        raise ValueError(f"k is {k}, at least 1 is wanted")
    check_shapes(queries, rows)
    skipped = np.full(len(queries), -1, np.int64) if skip is None else np.asarray(skip, np.int64)
    found = np.full((len(queries), k), np.inf)
    places = np.full((len(queries), k), -1, np.int64)
    for start in range(0, len(queries), _TOGETHER):
        some = slice(start, start + _TOGETHER)
        for part in distance_blocks(queries[some], rows, metric, block):
            keep_smallest(part.distances, part.first, skipped[some], found[some], places[some])
    order = np.lexsort((places, found), axis=-1)
    return Nearest(
        np.take_along_axis(places, order, axis=1), np.take_along_axis(found, order, axis=1)
    )
