"""Convolution of pictures in blocks of channels against sums tap by tap."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.blocked.convolve import convolve
from mycaffe_py.kernels.blocked.depthwise import filter_channels
from mycaffe_py.kernels.blocked.filters import pack_filters
from mycaffe_py.kernels.blocked.geometry import plan_convolution
from mycaffe_py.kernels.blocked.storage import stored_elements
from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes
from tests.kernels.blocked import on_each_thread_count
from tests.kernels.channel_blocks.pictures import convolved, from_flat, to_flat

# Images, channels, outputs, sizes, kernel, stride, pad, dilation, groups.
CASES = {
    "one pixel": (2, 33, 40, (5, 9), (1, 1), 1, (0, 0), 1, 1),
    "one pixel of one": (1, 16, 32, (1, 1), (1, 1), 1, (0, 0), 1, 1),
    "one block of outputs": (2, 17, 16, (7, 7), (1, 1), 1, (0, 0), 1, 1),
    "stride on one pixel": (2, 20, 50, (14, 14), (1, 1), 2, (0, 0), 1, 1),
    "three": (3, 20, 17, (13, 13), (3, 3), 1, (1, 1), 1, 1),
    "three, stride 2": (2, 32, 48, (15, 10), (3, 3), 2, (1, 1), 1, 1),
    "uneven": (1, 18, 33, (9, 11), (1, 5), 1, (0, 2), 1, 1),
    "dilated": (1, 20, 50, (14, 14), (3, 3), 1, (2, 2), 2, 1),
    "groups": (2, 64, 96, (9, 9), (5, 5), 1, (2, 2), 1, 2),
    "groups of one pixel": (1, 96, 32, (6, 6), (1, 1), 1, (0, 0), 1, 2),
    "no picture": (0, 16, 32, (7, 7), (3, 3), 1, (1, 1), 1, 1),
}
FIRST = {
    "seven": (2, 3, 64, (23, 30), (7, 7), 2, (3, 3), 1, 1),
    "eleven": (1, 3, 40, (31, 29), (11, 11), 4, (0, 0), 1, 1),
    "one block": (2, 1, 10, (9, 8), (3, 3), 1, (1, 1), 1, 1),
    "one pixel": (1, 5, 20, (6, 6), (1, 1), 1, (0, 0), 1, 1),
}


def _run(case: tuple[Any, ...], dtype: Any, *, planar: bool, relu: bool, adds: bool) -> None:
    images, channels, outputs, sizes, kernel, stride, pad, dilation, groups = case
    random = np.random.default_rng(3)
    x = random.normal(size=(images, channels, *sizes)).astype(dtype)
    w = random.normal(size=(outputs, channels // groups, *kernel)).astype(dtype)
    factor = random.uniform(0.5, 2, outputs).astype(dtype)
    shift = random.normal(size=outputs).astype(dtype)
    wanted = convolved(x, w, stride, pad, dilation, groups) * factor[:, None, None]
    wanted += shift[:, None, None]
    added = random.normal(size=wanted.shape).astype(dtype)
    wanted = wanted + added if adds else wanted
    wanted = np.maximum(wanted, 0) if relu else wanted
    size = lanes(dtype)
    # The results lie at the front of a wider blob, the inputs too.
    whole = (channels if planar else channels + 40, outputs + 20)
    plan = plan_convolution(
        x.shape, wanted.shape, (kernel, (stride,) * 2, pad, (dilation,) * 2), groups, planar,
        False, whole, np.dtype(dtype),
    )  # fmt: skip
    filters = groups * -(-(outputs // groups) // size)
    deep = 1 if planar else size
    packed = aligned_empty((filters, plan.shape.blocks, w[0, 0].size, deep, size), dtype)
    pack_filters(w.reshape(*w.shape[:2], -1), factor, groups, deep, packed)
    shifts = np.zeros(filters * size, dtype)
    shifts[:outputs] = shift
    source = x.reshape(-1) if planar else to_flat(x, whole[0])
    beside = to_flat(added, whole[1]) if adds else source[:0]

    def call() -> Any:
        y = np.full(stored_elements((images, whole[1], *wanted.shape[2:]), dtype), np.nan, dtype)
        convolve(source, packed.reshape(-1), shifts, plan, beside, relu, y)
        return from_flat(y, wanted.shape, whole[1])

    one, *more = on_each_thread_count(call)
    np.testing.assert_allclose(one, wanted, rtol=2e-4, atol=2e-4)
    for other in more:
        np.testing.assert_array_equal(other, one)


@pytest.mark.parametrize("name", CASES)
def test_convolves_blocks(name: str) -> None:
    _run(CASES[name], np.float32, planar=False, relu=False, adds=False)


def test_adds_and_rectifies_what_it_writes() -> None:
    _run(CASES["three"], np.float32, planar=False, relu=True, adds=True)
    _run(CASES["one pixel"], np.float32, planar=False, relu=True, adds=True)


@pytest.mark.parametrize("name", FIRST)
def test_convolves_pictures_as_they_come(name: str) -> None:
    _run(FIRST[name], np.float32, planar=True, relu=True, adds=False)


def test_threads_that_share_the_work_write_the_same_bits() -> None:
    heavy = (1, 288, 288, (14, 14), (3, 3), 1, (1, 1), 1, 1)
    _run(heavy, np.float32, planar=False, relu=False, adds=False)
    wide = (2, 64, 64, (40, 40), (3, 3), 1, (1, 1), 1, 1)
    _run(wide, np.float32, planar=False, relu=False, adds=False)


def test_nan_of_a_pixel_stays_and_reaches_its_window_only() -> None:
    x = np.ones((1, 16, 9, 9), np.float32)
    x[0, 3, 0, 0] = np.nan
    plan = plan_convolution(
        x.shape, (1, 16, 9, 9), ((3, 3), (1, 1), (1, 1), (1, 1)), 1, False, False, (16, 16),
        np.dtype(np.float32),
    )  # fmt: skip
    size = lanes(np.float32)
    packed = aligned_empty((16 // size, 16 // size, 9, size, size), np.float32)
    pack_filters(np.ones((16, 16, 9), np.float32), np.ones(16, np.float32), 1, size, packed)
    flat = to_flat(x)
    y = np.zeros_like(flat)
    convolve(flat, packed.reshape(-1), np.zeros(16, np.float32), plan, flat[:0], True, y)
    found = np.isnan(from_flat(y, x.shape))
    assert found[0, :, :2, :2].all()
    assert found.sum() == 16 * 4


@pytest.mark.parametrize(
    ("channels", "sizes", "stride", "pad"),
    [(40, (13, 9), 1, 1), (32, (14, 14), 2, 1), (5, (1, 1), 1, 1), (16, (8, 7), 3, 0)],
)
def test_filters_each_channel(channels: int, sizes: tuple[int, int], stride: int, pad: int) -> None:
    random = np.random.default_rng(4)
    x = random.normal(size=(2, channels, *sizes)).astype(np.float32)
    w = random.normal(size=(channels, 1, 3, 3)).astype(np.float32)
    shift = random.normal(size=channels).astype(np.float32)
    wanted = convolved(x, w, stride, (pad, pad), 1, channels) + shift[:, None, None]
    window = ((3, 3), (stride, stride), (pad, pad), (1, 1))
    plan = plan_convolution(
        x.shape, wanted.shape, window, channels, False, True, (channels + 32, channels),
        np.dtype(np.float32),
    )  # fmt: skip
    size = lanes(np.float32)
    blocks = -(-channels // size)
    packed = aligned_empty((blocks, 1, 9, 1, size), np.float32)
    pack_filters(w.reshape(channels, 1, 9), np.ones(channels, np.float32), 1, 1, packed)
    shifts = np.zeros(blocks * size, np.float32)
    shifts[:channels] = shift
    flat = to_flat(x, channels + 32)

    def call() -> Any:
        y = np.full(stored_elements(wanted.shape, np.float32), np.nan, np.float32)
        filter_channels(flat, packed.reshape(-1), shifts, plan, True, y)
        return from_flat(y, wanted.shape)

    one, *more = on_each_thread_count(call)
    np.testing.assert_allclose(one, np.maximum(wanted, 0), rtol=1e-4, atol=1e-5)
    for other in more:
        np.testing.assert_array_equal(other, one)
