"""The k smallest of a row of distances that comes block by block."""

import numpy as np
from numba import prange

from ..jit import kernel, parallel_kernel


@kernel
def _replace_top(kept_distance, kept_row, distance, row):
    """Put (distance, row) for the largest pair at the top of a heap, and let it sink."""
    place, size = 0, len(kept_distance)
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (
            kept_distance[other] > kept_distance[child]
            or (kept_distance[other] == kept_distance[child] and kept_row[other] > kept_row[child])
        ):
            child = other
        if kept_distance[child] < distance or (
            kept_distance[child] == distance and kept_row[child] < row
        ):
            break
        kept_distance[place] = kept_distance[child]
        kept_row[place] = kept_row[child]
        place = child
    kept_distance[place] = distance
    kept_row[place] = row


@parallel_kernel
def keep_smallest(distances, first_row, skip, kept_distance_out, kept_row_out):
    """Let the columns of distances (Q, B), rows first_row, first_row + 1, ..., enter the heaps.

    kept (Q, k): the k smallest pairs (distance, row), the largest of them first; they begin as
    (inf, -1). Blocks come in the order of rows, so that of equal distances the lower row is kept.
    skip (Q,) is a row that does not count for a query, -1 for none.
    """
    for query in prange(distances.shape[0]):
        for column in range(distances.shape[1]):
            distance = distances[query, column]
            if distance < kept_distance_out[query, 0] and first_row + column != skip[query]:
                _replace_top(
                    kept_distance_out[query],
                    kept_row_out[query],
                    distance,
                    np.int64(first_row + column),
                )
