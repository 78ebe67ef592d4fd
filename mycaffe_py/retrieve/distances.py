"""Distances of all pairs of two sets of rows, block by block, from files of any size.

Each distance is a sum in float64, from the first element to the last. So it has the same bits for
any number of threads, any size of block, and whether a query is asked alone or among others; and
two equal rows have the same distance to everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.kernels.products.gemm_write import PANELS
from mycaffe_py.kernels.retrieval.pair_distances import pair_distances
from mycaffe_py.kernels.retrieval.panels import lay_rows
from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes

Numbers: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int64]
# "squared": sum of (a - b)^2. "cosine": 1 - cos(a, b), which is half the squared distance of the
# rows scaled to length 1; a row of zeros, which has no direction, is at distance 1 from all.
Metric: TypeAlias = Literal["squared", "cosine"]

# Distances of one block: they should stay in the cache until they have been looked at.
_BLOCK_BYTES = 4 << 20
# With fewer rows a block, starting the threads would take longer than the work.
_LEAST_ROWS = 512
# Most values of one block, which may have to be copied to another dtype.
_BLOCK_VALUES = 8 << 20


@dataclass(frozen=True)
class Block:
    """`distances` (Q, b) to rows first, first + 1, ... first + b - 1.

    The array is written again for the next block: copy what is to stay.
    """

    first: int
    distances: Numbers


def distance_blocks(
    queries: NDArray[Any], rows: NDArray[Any], metric: Metric = "squared", block: int | None = None
) -> Iterator[Block]:
    """The distances of `queries` (Q, D) to `rows` (N, D), which may be a memory map.

    Any dtype of real numbers; `block` is the number of rows a block, by default what fits the
    cache. No rows or no queries give no block.

    Errors: another D, an axis more or less, or a row with NaN or infinity.
    """
    check_shapes(queries, rows)
    count, depth = queries.shape
    if not count or not len(rows):
        return
    units = metric == "cosine"
    asked = np.empty((count, depth))
    squares = aligned_empty((_whole_groups(count),), np.float64)
    lay_rows(_readable(queries), units, asked, squares)
    _check_finite(squares[:count], "query", 0)
    directionless = squares[:count] == 0
    step = min(block or _rows_a_block(count, depth), len(rows))
    lengths = aligned_empty((_whole_groups(step),), np.float64)
    scratch = aligned_empty((count * len(lengths),), np.float64)
    for first in range(0, len(rows), step):
        some = _readable(rows[first : first + step])
        columns = _whole_groups(len(some))
        table = scratch[: count * columns].reshape(count, columns)
        pair_distances(asked.reshape(-1), some, units, numba.get_num_threads(), lengths, table)
        _check_finite(lengths[: len(some)], "row", first)
        found = table[:, : len(some)]
        if units:
            found *= 0.5
            found[:, lengths[: len(some)] == 0] = 1
            found[directionless] = 1
        yield Block(first, found)


def distances(queries: NDArray[Any], rows: NDArray[Any], metric: Metric = "squared") -> Numbers:
    """All distances (Q, N) at once. Errors: as `distance_blocks`."""
    for block in distance_blocks(queries, rows, metric, block=max(1, len(rows))):
        return block.distances
    return np.empty((len(queries), len(rows)))


def check_shapes(queries: NDArray[Any], rows: NDArray[Any]) -> None:
    """Both must be tables of real numbers and of the same width, D >= 1. Errors: UserError."""
    for name, table in {"queries": queries, "rows": rows}.items():
        if table.ndim != 2 or not table.shape[1]:
            raise UserError(
                f"{name} of shape {table.shape}",
                wanted="a table is wanted, one row an item, with at least one column",
            )
        if table.dtype.kind not in "fiub":
            raise UserError(f"{name} of {table.dtype}", wanted="real numbers are wanted")
    if queries.shape[1] != rows.shape[1]:
        raise UserError(
            f"queries of {queries.shape[1]:,} values, rows of {rows.shape[1]:,}",
            wanted="both must come from the same net and blob",
        )


def _rows_a_block(queries: int, depth: int) -> int:
    fitting = max(_BLOCK_BYTES // (8 * queries), _LEAST_ROWS)
    return max(1, min(fitting, _BLOCK_VALUES // depth))


def _whole_groups(rows: int) -> int:
    """`rows` rounded up to what the kernel does at a time."""
    group = lanes(np.float64) * PANELS
    return -(-rows // group) * group


def _readable(rows: NDArray[Any]) -> NDArray[Any]:
    """The rows as the kernels take them: of two dtypes, contiguous, and never to be written.

    Kernels are compiled for each kind of array, and a memory map may be one that is read only.
    """
    kind = np.float32 if rows.dtype.itemsize <= 2 or rows.dtype == np.float32 else np.float64
    plain = np.ascontiguousarray(rows, dtype=kind).view(np.ndarray)
    plain.flags.writeable = False
    return plain


def _check_finite(squares: Numbers, what: str, first: int) -> None:
    wrong = np.flatnonzero(~np.isfinite(squares))
    if len(wrong):
        raise UserError(
            f"{what} {first + int(wrong[0])} holds a value that is infinite or not a number",
            wanted="distances need finite numbers",
            do="A net whose training has diverged gives such rows.",
        )
