"""At which places of a ranking certain rows stand, without sorting all the others."""

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel


@kernel
def _count_before(skip, distances, right_distances, right_rows, counts_out):
    """counts_out[p] += rows that come behind exactly p of the right ones, p < R; sorted ones."""
    right = len(right_distances)
    for column in range(len(distances)):
        distance = distances[column]
        if distance > right_distances[right - 1] or column == skip:
            continue
        # How many of the right ones come before this row: halving without branches to guess.
        base, span = 0, right
        while span > 0:
            half = (span + 1) // 2
            probe = base + half - 1
            nearer = right_distances[probe] < distance
            tied = (right_distances[probe] == distance) & (right_rows[probe] < column)
            base += half * (nearer | tied)
            span -= half
        if base < right:
            counts_out[base] += 1


@parallel_kernel
def right_ranks(distances, right_distances, right_rows, skip, ranks_out):
    """Place (Q, R), from 1, of each right row among all columns of distances (Q, N).

    right_distances, right_rows (Q, R): distances and columns of the right rows, by distance, then
    column, R >= 1. skip (Q,) is a column that does not count for a query, -1 for none.
    """
    for query in prange(distances.shape[0]):
        counts = ranks_out[query]
        counts[:] = 0
        _count_before(
            skip[query],
            distances[query],
            right_distances[query],
            right_rows[query],
            counts,
        )
        total = np.int64(0)
        for place in range(len(counts)):
            total += counts[place]
            counts[place] = total
