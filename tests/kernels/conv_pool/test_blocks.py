"""Packing images into blocks and back."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.conv_pool.blocks import block_count, pack, unpack
from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes
from tests.kernels.blocked import from_blocks, to_blocks


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 2, 5, 7), (16, 1, 4, 4), (37, 3, 3, 6)])
def test_there_and_back(kind, shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).standard_normal(shape).astype(kind)
    blocks = aligned_empty((block_count(shape[0], kind), *shape[1:], lanes(kind)), kind)
    blocks.fill(np.nan)
    pack(x, blocks)
    np.testing.assert_array_equal(blocks, to_blocks(x))
    back = np.full_like(x, np.nan)
    unpack(blocks, back)
    np.testing.assert_array_equal(back, from_blocks(blocks, shape[0]))
    np.testing.assert_array_equal(back, x)


def test_aligned_arrays_start_on_a_cache_line() -> None:
    assert all(aligned_empty((n,), np.float32).ctypes.data % 64 == 0 for n in range(1, 9))
