"""The packed matrix product against einsum in float64, on odd sizes and on 1 and 2 threads."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.products.gemm import DEPTH, gemm
from tests.reference.kernels_gemm import product

# (M, N, K): single elements, less than a tile, tile edges, ragged tiles, more than one depth block.
SHAPES = [(1, 1, 1), (2, 10, 500), (5, 3, 2), (6, 64, 3), (7, 65, 5), (50, 17, 33), (97, 130, 21)]
SHAPES += [(13, 70, DEPTH + 3)]
# A right side that is packed though it could be read in place: clashing rows, many tiles.
SHAPES += [(9, 256, 5), (260, 33, 7)]

# Few rows: one, a part of a tile, a whole one; a last vector that is not full.
SHAPES += [(1, 40, DEPTH + 21), (3, 16, 20), (5, 70, 33), (8, 33, 2 * DEPTH)]


def _operand(random: np.random.Generator, rows: int, columns: int, flip: bool, kind: type):
    shape = (columns, rows) if flip else (rows, columns)
    return random.standard_normal(shape).astype(kind)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
def test_product_matches_reference(kind, shape, transpose_a: bool, transpose_b: bool) -> None:
    rows, columns, depth = shape
    random = np.random.default_rng(7)
    a = _operand(random, rows, depth, transpose_a, kind)
    b = _operand(random, depth, columns, transpose_b, kind)
    c = random.standard_normal((rows, columns)).astype(kind)
    tolerance = np.finfo(kind).eps * 4 * depth
    for accumulate in (False, True):
        options = {
            "transpose_a": transpose_a,
            "transpose_b": transpose_b,
            "alpha": 0.5,
            "accumulate": accumulate,
        }
        found = c.copy()
        gemm(a, b, found, **options)
        wanted = product(a, b, c, **options)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance)


@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize(
    "shape", [(203, 301, 77), (203, 10, DEPTH * 3), (301, 203, 77), (3, 2003, 1077)]
)
def test_threads_do_not_change_bits(shape, transpose_a: bool, transpose_b: bool) -> None:
    rows, columns, depth = shape
    random = np.random.default_rng(8)
    a = _operand(random, rows, depth, transpose_a, np.float32)
    b = _operand(random, depth, columns, transpose_b, np.float32)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(threads)
            c = np.ones((rows, columns), np.float32)
            gemm(a, b, c, transpose_a=transpose_a, transpose_b=transpose_b, accumulate=True)
            found.append(c)
    finally:
        numba.set_num_threads(before)
    assert all(np.array_equal(found[0], other) for other in found)


@pytest.mark.parametrize("accumulate", [False, True])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_row_has_the_same_bits_alone_and_among_others(kind: type, accumulate: bool) -> None:
    """Few rows, which are multiplied without packing, are those of the packed product."""
    random = np.random.default_rng(9)
    a = random.standard_normal((40, DEPTH + 37)).astype(kind)
    b = random.standard_normal((53, DEPTH + 37)).astype(kind)
    first = random.standard_normal((40, 53)).astype(kind)
    whole = first.copy()
    gemm(a, b, whole, transpose_b=True, alpha=0.7, accumulate=accumulate)
    for rows in range(1, 11):
        part = first[:rows].copy()
        gemm(a[:rows], b, part, transpose_b=True, alpha=0.7, accumulate=accumulate)
        assert np.array_equal(part, whole[:rows]), rows


def test_result_array_must_be_contiguous() -> None:
    a = np.ones((4, 4), np.float32)
    with pytest.raises(ValueError, match="contiguous"):
        gemm(a, a, np.empty((4, 8), np.float32)[:, ::2])


def test_not_a_number_stays() -> None:
    a = np.ones((3, 4), np.float32)
    a[1, 2] = np.nan
    c = np.empty((3, 5), np.float32)
    gemm(a, np.zeros((4, 5), np.float32), c)
    assert np.isnan(c[1]).all() and not np.isnan(c[[0, 2]]).any()
