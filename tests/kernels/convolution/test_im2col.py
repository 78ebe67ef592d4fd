"""Column kernels against their definition; the way back is the transpose of the way there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.convolution import im2col as kernels
from mycaffe_py.layers.vision.columns import places
from mycaffe_py.layers.vision.sliding_window import SlidingWindow, convolved
from tests.reference.im2col import columns

SIZES = (7, 21)
WINDOWS = [
    SlidingWindow((3, 2), (1, 1), (0, 0), (1, 1)),
    SlidingWindow((3, 20), (1, 1), (2, 19), (1, 1)),
    SlidingWindow((2, 3), (2, 3), (1, 2), (1, 1)),
    SlidingWindow((3, 3), (1, 2), (2, 3), (3, 2)),
    SlidingWindow((1, 1), (1, 1), (0, 0), (1, 1)),
]


def _geometry(window: SlidingWindow) -> list[Any]:
    out = convolved(window, SIZES)
    return [window.kernel, window.stride, window.pad, window.dilation, out]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_columns(window: SlidingWindow, dtype: Any) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, *SIZES)).astype(dtype)
    wanted = columns(x, _geometry(window))
    found = np.full(wanted.shape, np.nan, dtype)
    kernels.im2col(x, *_geometry(window), found)
    np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_back_is_the_transpose(window: SlidingWindow, dtype: Any) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 3, *SIZES)).astype(dtype)
    there = np.empty(columns(x, _geometry(window)).shape, dtype)
    kernels.im2col(x, *_geometry(window), there)
    dcolumns = random.normal(size=there.shape).astype(dtype)
    dx = np.full_like(x, np.nan)
    kernels.col2im(dcolumns, *_geometry(window), dx)
    assert np.vdot(there, dcolumns) == pytest.approx(np.vdot(x, dx), rel=1e-4)


@pytest.mark.parametrize("window", WINDOWS)
def test_the_table_says_the_same(window: SlidingWindow) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 3, *SIZES))
    table = places(window, SIZES, convolved(window, SIZES))
    wanted = columns(x, _geometry(window))
    found = np.full(wanted.shape, np.nan)
    kernels.gather_columns(x.reshape(2, 3, -1), table, found)
    np.testing.assert_array_equal(found, wanted)
    dcolumns = random.normal(size=wanted.shape)
    dx, dtable = np.full_like(x, np.nan), np.full((2, 3, x[0, 0].size), np.nan)
    kernels.col2im(dcolumns, *_geometry(window), dx)
    kernels.scatter_columns(dcolumns, table, dtable)
    np.testing.assert_allclose(dtable, dx.reshape(dtable.shape), atol=1e-12)


def test_products_and_images() -> None:
    products = np.arange(24.0).reshape(2, 12)
    y = np.full((3, 2, 4), np.nan)
    kernels.rows_to_images(products, np.array([100.0, 200.0]), y)
    wanted = products.reshape(2, 3, 4).transpose(1, 0, 2)
    np.testing.assert_array_equal(y, wanted + np.array([100.0, 200.0])[:, None])
    kernels.rows_to_images(products, np.empty(0), y)
    np.testing.assert_array_equal(y, wanted)
    back = np.full_like(products, np.nan)
    kernels.images_to_rows(y, back)
    np.testing.assert_array_equal(back, products)
