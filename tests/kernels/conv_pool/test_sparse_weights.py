"""Gradients behind a max pool: sparse visits for weights, Winograd for images."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.conv_pool.conv_pool_winograd import conv_pool_winograd, winograd_scratch
from mycaffe_py.kernels.conv_pool.patches import plan_patches
from mycaffe_py.kernels.conv_pool.pool_window import CLIPPED
from mycaffe_py.kernels.conv_pool.sparse_weights import sparse_weights, weight_scratch
from mycaffe_py.kernels.conv_pool.winograd_images import images_scratch, winograd_images
from tests.kernels.blocked import on_each_thread_count, to_blocks
from tests.reference.kernels_conv_pool import image_gradient, unpool, weight_gradient


def _problem(shape, kind):
    images, channels, height, columns, outputs, rows, taps = shape
    random = np.random.default_rng(4)
    x = random.standard_normal((images, channels, height, columns)).astype(kind)
    w = random.standard_normal((outputs, channels, rows, taps)).astype(kind)
    pooled = ((height - rows + 1) // 2, (columns - taps + 1) // 2)
    place = random.integers(0, 4, (images, outputs, *pooled)).astype(np.uint8)
    dy = random.standard_normal(place.shape).astype(kind)
    return x, w, place, dy


def _weights(x, w, place, dy, clipped):
    plan = plan_patches(x.shape[1:], w.shape[2:], x.dtype)
    scratch = weight_scratch(plan, dy.shape[1:], x.dtype)
    scratch.patches.fill(np.nan)
    scratch.sums.fill(np.nan)
    scratch.codes.fill(99)
    dw = np.ones_like(w)
    db = np.ones(len(w), x.dtype)
    codes = to_blocks(place, plan.lanes)
    sparse_weights(plan, to_blocks(x), codes, dy, scratch, dw, db, clipped=clipped)
    return dw, db


# (N, C, H, W, K, R, S): one channel, the last plane only, full planes only, both.
SHAPES = [(5, 1, 12, 12, 7, 5, 5), (2, 16, 8, 8, 6, 5, 5), (19, 20, 8, 8, 17, 5, 5)]
SHAPES += [(2, 3, 12, 10, 2, 7, 1)]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("clipped", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_weight_and_bias_gradient(kind, shape, clipped: bool) -> None:
    x, w, place, dy = _problem(shape, kind)
    if clipped:
        place[np.random.default_rng(5).random(place.shape) < 0.3] = CLIPPED
        place[-1, -1, -1, -1] = CLIPPED
    found = on_each_thread_count(lambda: _weights(x, w, place, dy, clipped))
    rows, columns = 2 * place.shape[2], 2 * place.shape[3]
    full = unpool(dy, place, rows, columns)
    used = x[:, :, : rows + w.shape[2] - 1, : columns + w.shape[3] - 1]
    wanted = 1 + weight_gradient(used, full, w.shape[2:])
    tolerance = 200 * np.finfo(kind).eps
    np.testing.assert_allclose(found[0][0], wanted, rtol=tolerance, atol=10 * tolerance)
    wanted_bias = 1 + np.where(place == CLIPPED, 0, dy.astype(np.float64)).sum(axis=(0, 2, 3))
    np.testing.assert_allclose(found[0][1], wanted_bias, rtol=tolerance, atol=10 * tolerance)
    for dw, db in found[1:]:
        np.testing.assert_array_equal(found[0][0], dw)
        np.testing.assert_array_equal(found[0][1], db)


def test_one_of_both_gradients_alone() -> None:
    x, w, place, dy = _problem(SHAPES[0], np.float32)
    plan = plan_patches(x.shape[1:], w.shape[2:], x.dtype)
    scratch = weight_scratch(plan, dy.shape[1:], x.dtype)
    inputs = (plan, to_blocks(x), to_blocks(place, plan.lanes), dy, scratch)
    dw, db = np.ones_like(w), np.ones(len(w), x.dtype)
    sparse_weights(*inputs, dw, None)
    sparse_weights(*inputs, None, db)
    both = _weights(x, w, place, dy, False)
    np.testing.assert_array_equal(dw, both[0])
    np.testing.assert_array_equal(db, both[1])


def _images(x, w, place, dy):
    plan = winograd_scratch(w.shape, x.dtype)
    blocks, y = to_blocks(x), to_blocks(dy)
    unused_place = np.empty(y.shape, np.uint8)
    bias = np.zeros(len(w), x.dtype)
    conv_pool_winograd(blocks, w, bias, plan, unused_place, y)
    scratch = images_scratch(x.shape[1:], w.shape, x.dtype)
    scratch.fill(np.nan)
    dx = np.full_like(x, np.nan)
    winograd_images(dy, to_blocks(place, blocks.shape[-1]), plan.u, scratch, dx)
    return dx


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize(
    "shape", [(19, 20, 12, 12, 7, 5, 5), (3, 2, 10, 8, 6, 3, 3), (2, 7, 6, 6, 3, 5, 5)]
)
def test_image_gradient(kind, shape: tuple[int, ...]) -> None:
    x, w, place, dy = _problem(shape, kind)
    place[0, 0] = CLIPPED
    found = on_each_thread_count(lambda: _images(x, w, place, dy))
    full = unpool(dy, place, 2 * place.shape[2], 2 * place.shape[3])
    wanted = image_gradient(w, full)
    tolerance = 300 * np.finfo(kind).eps * abs(wanted).max()
    np.testing.assert_allclose(found[0], wanted, rtol=0, atol=tolerance)
    assert all(np.array_equal(found[0], other) for other in found[1:])
