"""Which rows hang together by short distances: sets that grow pair by pair."""

import numpy as np

from ..jit import kernel


@kernel
def _root(parent, row):
    """The first row of the set; the way to it is halved for the next time."""
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


@kernel
def link_near(distances, first_query, first_row, within, parent_out, nearest_out):
    """Join the sets of each pair at distance <= within; distances (Q, B), Q and B rows of a table.

    Pairs with row > query count. parent (N,) begins as 0, 1, ..., N - 1 and leads to the lowest
    row of a set; nearest (N,) becomes the smallest distance of a row to another within reach.
    """
    for q in range(distances.shape[0]):
        query = first_query + q
        for column in range(max(0, query + 1 - first_row), distances.shape[1]):
            distance = distances[q, column]
            if distance <= within:
                row = np.int64(first_row + column)
                a, b = _root(parent_out, query), _root(parent_out, row)
                parent_out[max(a, b)] = min(a, b)
                nearest_out[query] = min(nearest_out[query], distance)
                nearest_out[row] = min(nearest_out[row], distance)
