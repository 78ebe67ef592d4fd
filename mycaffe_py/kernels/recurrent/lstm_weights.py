"""The weights of a long short-term memory in the order its recurrence reads them.

Caffe's order is (4 H, K): all of i, then f, o, g. The recurrence wants the four gates of L hidden
numbers side by side, (P, 4, L, K) with P = ceil(H / L) panels, zeros behind H.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

# The sums of i, f, o and g become exponents: -i, -f, -o, -2 g, exact as factors.
_SIGNS = np.array([-1, -1, -1, -2])[:, None, None]


def panels(hidden: int, lanes: int) -> int:
    """P, how many vectors hold H numbers."""
    return -(-hidden // lanes)


def _padded(w: Array, hidden: int, lanes: int, columns: int) -> Array:
    """(4, P L, columns) with w (4 H, K) in the first rows and columns of each gate."""
    whole = panels(hidden, lanes) * lanes
    table = np.zeros((4, whole, columns), w.dtype)
    table[:, :hidden, : w.shape[1]] = w.reshape(4, hidden, -1)
    return table


def forward_weights(recurrent: Array, others: Sequence[Array], lanes: int) -> Array:
    """(P, K, 4, L) for `lstm_forward`: W_h, P L columns of it, then the columns of the others."""
    hidden = recurrent.shape[1]
    column = panels(hidden, lanes) * lanes
    depth = column + sum(w.shape[1] for w in others)
    table = _padded(recurrent, hidden, lanes, depth)
    for w in others:
        table[:, :hidden, column : column + w.shape[1]] = w.reshape(4, hidden, -1)
        column += w.shape[1]
    table *= _SIGNS.astype(table.dtype)
    return np.ascontiguousarray(table.reshape(4, -1, lanes, depth).transpose(1, 3, 0, 2))


def rows_in_order(w: Array, hidden: int, lanes: int, *, columns: int = 0) -> Array:
    """w (4 H, K) as (P 4 L, K), with zeros up to so many columns."""
    table = _padded(w, hidden, lanes, max(columns, w.shape[1]))
    ordered = table.reshape(4, -1, lanes, table.shape[2]).transpose(1, 0, 2, 3)
    return np.ascontiguousarray(ordered).reshape(-1, table.shape[2])


def as_exponents(w: Array, hidden: int) -> Array:
    """w (4 H, K) as `forward_weights` has its factors."""
    return (w.reshape(4, hidden, -1) * _SIGNS.astype(w.dtype)).reshape(w.shape)


def in_caffes_order(dw: Array, hidden: int) -> Array:
    """(blocks, P, K, 4, L), as `lstm_backward` leaves them, added up as (4, H, K)."""
    table = dw.sum(axis=0).transpose(2, 0, 3, 1)
    return table.reshape(4, -1, table.shape[3])[:, :hidden]
