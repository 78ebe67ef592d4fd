"""Pooling and LRN in blocks of channels, and the way back to (N, C, H, W)."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.blocked.across import normalise_across
from mycaffe_py.kernels.blocked.pool import pool
from mycaffe_py.kernels.blocked.storage import (
    block_count,
    image_elements,
    plain_copy,
    stored_elements,
)
from mycaffe_py.kernels.pooling import max_pool, mean_pool
from tests.kernels.blocked import on_each_thread_count
from tests.kernels.channel_blocks.pictures import from_flat, to_flat


@pytest.mark.parametrize("maximum", [True, False])
@pytest.mark.parametrize(
    ("channels", "sizes", "outs", "window"),
    [
        (20, (13, 9), (7, 5), ((3, 3), (2, 2), (1, 1))),
        (32, (7, 7), (1, 1), ((7, 7), (1, 1), (0, 0))),
        (40, (8, 6), (4, 3), ((2, 2), (2, 2), (0, 0))),
        (16, (6, 7), (6, 7), ((3, 3), (1, 1), (1, 1))),
        (16, (112, 90), (56, 45), ((3, 3), (2, 2), (0, 0))),
    ],
)
def test_pools_as_the_plain_kernel(
    channels: int, sizes: tuple[int, int], outs: tuple[int, int], window: tuple, maximum: bool
) -> None:
    x = np.random.default_rng(5).normal(size=(2, channels, *sizes)).astype(np.float32)
    wanted = np.empty((2, channels, *outs), np.float32)
    if maximum:
        x[1, 2, 3, 4] = np.nan
        max_pool(x, *window, wanted, np.empty(wanted.shape, np.int32))
    else:
        mean_pool(x, *window, wanted)
    whole = channels + 32
    flat = to_flat(x, whole)
    steps = (
        image_elements(whole, *sizes, np.float32),
        image_elements(channels, *outs, np.float32),
    )

    def call() -> np.ndarray:
        y = np.full(stored_elements(wanted.shape, np.float32), np.nan, np.float32)
        blocks = block_count(channels, np.float32)
        pool(flat, 2, blocks, steps, sizes, outs, window, maximum, y)
        return from_flat(y, wanted.shape)

    one, *more = on_each_thread_count(call)
    np.testing.assert_allclose(one, wanted, rtol=1e-5, atol=1e-6)
    for other in more:
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("half", [1, 2, 9])
def test_normalises_across_channels(half: int) -> None:
    x = np.random.default_rng(7).normal(size=(2, 32, 9, 16)).astype(np.float32)
    squares = np.pad(x.astype(np.float64) ** 2, ((0, 0), (half, half), (0, 0), (0, 0)))
    sums = sum(squares[:, i : i + 32] for i in range(2 * half + 1))
    wanted = x * (2 + 0.3 * sums) ** -0.75
    steps = (image_elements(48, 9, 16, np.float32), image_elements(32, 9, 16, np.float32))
    flat = to_flat(x, 48)

    def call() -> np.ndarray:
        y = np.full(stored_elements(x.shape, np.float32), np.nan, np.float32)
        blocks = block_count(32, np.float32)
        normalise_across(flat, 2, 9 * 16, blocks, steps, half, 2.0, 0.3, y)
        return from_flat(y, x.shape)

    one, *more = on_each_thread_count(call)
    np.testing.assert_allclose(one, wanted, rtol=1e-5, atol=1e-6)
    for other in more:
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_plain_copy_brings_back_what_was_laid_in_blocks(dtype: type) -> None:
    x = np.random.default_rng(6).normal(size=(3, 21, 4, 5)).astype(dtype)
    found = np.empty_like(x)
    plain_copy(to_flat(x, 50), x.shape, 50, found)
    np.testing.assert_array_equal(found, x)
