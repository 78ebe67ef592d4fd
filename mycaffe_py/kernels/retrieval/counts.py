"""Counting distances against sorted ones."""

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel


@kernel
def count_below(values, edges, below_out, tied_out):
    """below_out[i] += values < edges[i], tied_out[i] += values == edges[i].

    values (n,) and edges (m,) rise; no two edges are equal.
    """
    place = 0
    for i in range(len(edges)):
        while place < len(values) and values[place] < edges[i]:
            place += 1
        below_out[i] += place
        behind = place
        while behind < len(values) and values[behind] == edges[i]:
            behind += 1
        tied_out[i] += behind - place
        place = behind


@kernel
def _bin(distance, edges):
    """Number of edges below the distance, by halving without branches to guess."""
    base, span = 0, len(edges)
    while span > 0:
        half = (span + 1) // 2
        base += half * (edges[base + half - 1] < distance)
        span -= half
    return base


@parallel_kernel
def count_in_bins(distances, labels, columns, skip, edges, like_out, unlike_out):
    """How many of a query's distances (Q, N) are in each bin: like, unlike (Q, E + 1).

    Bin b holds what is beyond edge b - 1, up to and with edge b; edges (E,) rise. labels (Q,) and
    columns (N,) are labels, skip (Q,) a column that does not count, -1 for none.
    """
    for query in prange(distances.shape[0]):
        like_out[query, :] = 0
        unlike_out[query, :] = 0
        for column in range(distances.shape[1]):
            if column != skip[query]:
                place = np.int64(_bin(distances[query, column], edges))
                if labels[query] == columns[column]:
                    like_out[query, place] += 1
                else:
                    unlike_out[query, place] += 1
