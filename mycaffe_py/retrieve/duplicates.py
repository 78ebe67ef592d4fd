"""Rows so near that they are probably the same picture twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.kernels.retrieval.linked import link_near
from mycaffe_py.retrieve.distances import Metric, Numbers, Rows, distance_blocks

_QUERIES = 1024


@dataclass(frozen=True)
class Duplicates:
    """One group: `rows` (m,), m >= 2, rising; `distances` (m,) of each to its nearest of the group.

    `mixed`: they have different labels, so that at least one of these is wrong, or the picture is
    of both.
    """

    rows: Rows
    distances: Numbers
    mixed: bool


def near_duplicates(
    rows: NDArray[Any], labels: Rows, within: float, metric: Metric = "squared"
) -> list[Duplicates]:
    """Groups of `rows` (N, D) that hang together by pairs at distance <= `within`.

    Groups of different labels come first, then those with the nearest pair, then the lowest row.

    Errors: a row with NaN or infinity; within < 0.
    """
    if not within >= 0:
        raise ValueError(f"within is {within}, not a distance")
    if labels.shape != (len(rows),):
        raise ValueError(f"labels of shape {labels.shape} for {len(rows)} rows")
    parent, closest = np.arange(len(rows)), np.full(len(rows), np.inf)
    for start in range(0, len(rows), _QUERIES):
        # Rows before `start` have met these already.
        for part in distance_blocks(rows[start : start + _QUERIES], rows[start:], metric):
            link_near(part.distances, start, start + part.first, within, parent, closest)
    groups = [_group(members, labels, closest) for members in _members(parent)]
    return sorted(groups, key=lambda g: (not g.mixed, g.distances.min(), g.rows[0]))


def _members(parent: Rows) -> list[Rows]:
    """The rows of each set of two or more; a set's parents lead down to its lowest row."""
    while not np.array_equal(parent, parent[parent]):
        parent = parent[parent]
    roots, sizes = np.unique(parent, return_counts=True)
    order = np.argsort(parent, kind="stable")
    sets = np.split(order, np.cumsum(sizes)[:-1]) if len(roots) else []
    return [members for members in sets if len(members) > 1]


def _group(members: Rows, labels: Rows, closest: Numbers) -> Duplicates:
    mixed = len(np.unique(labels[members])) > 1
    return Duplicates(members, closest[members], mixed)
