"""What the kernels of a long short-term memory work on: T steps, N rows, H hidden numbers.

A row is one sequence of the batch. The arrays hold, for each step and row, the inputs of the sums,
the four gates, the state c and its tanh; backward adds the gradients of these. They lie in memory
so that L hidden numbers, a whole vector, stand side by side: the H numbers are cut into
P = ceil(H / L) panels, with zeros behind H. All arrays are flat.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..inlined import inlined


class Sizes(NamedTuple):
    """Sizes of the recurrence."""

    steps: int
    """T"""
    rows: int
    """N"""
    hidden: int
    """H"""
    stride: int
    """S, numbers in a row of `inputs`."""
    depth: int
    """K, how many of these a sum is made of; for the gradient of the weights, in whole tiles."""


class Top(NamedTuple):
    """Which steps of h the layer's top holds, and where."""

    first_step: int
    """The first step whose h is in the top."""
    step: int
    """How far two steps are apart there."""
    row: int
    """How far two rows are apart there."""


class Trace(NamedTuple):
    """What forward writes at each step, and backward reads."""

    gates: Any
    """i, f, o and g (T, N, P, 4, L)."""
    squashed: Any
    """tanh c (T, N, P L)."""
    cells: Any
    """cont c of the step before (T + 1, N, P L); what step 0 holds is given."""


class Gradients(NamedTuple):
    """What backward writes."""

    gates: Any
    """Gradients (T, N, P, 4, L) of the sums in front of the gates."""
    h: Any
    """Gradient (N, P L) of the state h: given behind the last step, replaced by that at the start
    if the state is exposed."""
    c: Any
    """Gradient (N, P L) of the state c: given behind the last step, replaced by that at the
    start."""
    w: Any
    """For each block of rows the gradient (blocks, P, K, 4, L) of its weights; or empty."""


class Tile(NamedTuple):
    """Rows that are worked on at once: the rows first to last - 1 of the batch are new.

    Sums are made of whole tiles, from row `top` on. So a tile at the end reaches back over rows
    that are done; where a thread has fewer rows than a tile, each row goes alone.
    """

    first: int
    last: int
    top: int


class Place(NamedTuple):
    """Where h of one panel stands in the top, or its gradient: nowhere if `wanted` is 0."""

    start: int
    row: int
    """How far two rows are apart."""
    wanted: int
    """How many numbers of a vector there are."""


@inlined
def tile_at(row, last, tile_rows, alone):
    """The tile whose first new row is `row`; `last` is one past the rows of this thread."""
    end = row + (1 if alone else min(tile_rows, last - row))
    return Tile(row, end, row if alone else end - tile_rows)


@inlined
def place_in_top(top, t, column, hidden, size):
    """The place of a vector of `size` hidden numbers from `column` on, of row 0 at step t."""
    wanted = min(size, hidden - column) if t >= top.first_step else 0
    return Place(max(0, t - top.first_step) * top.step + column, top.row, wanted)
