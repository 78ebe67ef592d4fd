"""Fused convolution + bias + ReLU + max pooling, both methods, against the definition."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.conv_pool.conv_pool_forward import conv_pool_forward
from mycaffe_py.kernels.conv_pool.conv_pool_winograd import conv_pool_winograd, winograd_scratch
from mycaffe_py.kernels.vectors.vector import aligned_empty
from tests.kernels.blocked import from_blocks, on_each_thread_count, to_blocks
from tests.reference.kernels_conv_pool import conv_pool

# (N, C, H, W, K, R, S): odd outputs, fewer channels than a tile, ragged tiles, several blocks.
DIRECT = [
    (5, 1, 12, 12, 20, 5, 5),
    (17, 3, 8, 9, 7, 3, 2),
    (3, 2, 5, 5, 2, 5, 5),
    (2, 1, 6, 8, 1, 1, 3),
]
WINOGRAD = [(17, 3, 12, 12, 7, 5, 5), (5, 2, 8, 10, 6, 3, 3), (3, 20, 6, 6, 2, 5, 5)]


def _problem(shape, kind):
    images, channels, height, columns, outputs, rows, taps = shape
    random = np.random.default_rng(3)
    x = random.standard_normal((images, channels, height, columns)).astype(kind)
    w = random.standard_normal((outputs, channels, rows, taps)).astype(kind)
    bias = random.standard_normal(outputs).astype(kind)
    pooled = ((height - rows + 2) // 2, (columns - taps + 2) // 2)
    return x, w, bias, pooled


def _run(method, x, w, bias, pooled, relu):
    blocks = to_blocks(x)
    y = aligned_empty((blocks.shape[0], w.shape[0], *pooled, blocks.shape[-1]), x.dtype)
    y.fill(np.nan)
    place = np.full(y.shape, 99, np.uint8)
    if method == "winograd":
        plan = winograd_scratch(w.shape, x.dtype)
        conv_pool_winograd(blocks, w, bias, plan, place, y, relu=relu)
    else:
        conv_pool_forward(blocks, w, bias, place, y, relu=relu)
    return from_blocks(y, len(x)), from_blocks(place, len(x))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize(
    ("method", "shape"), [("direct", s) for s in DIRECT] + [("winograd", s) for s in WINOGRAD]
)
def test_matches_definition(kind, relu: bool, method, shape) -> None:
    x, w, bias, pooled = _problem(shape, kind)
    found = on_each_thread_count(lambda: _run(method, x, w, bias, pooled, relu))
    y, place = found[0]
    wanted, wanted_place = conv_pool(x, w, bias, relu=relu)
    steps = 300 if method == "winograd" else 20
    tolerance = steps * np.finfo(kind).eps * abs(wanted).max()
    np.testing.assert_allclose(y, wanted, rtol=0, atol=tolerance)
    assert (place != wanted_place).mean() < 0.005  # near ties may fall the other way
    for other_y, other_place in found[1:]:
        np.testing.assert_array_equal(y, other_y)
        np.testing.assert_array_equal(place, other_place)


@pytest.mark.parametrize("method", ["direct", "winograd"])
@pytest.mark.parametrize("relu", [False, True])
def test_not_a_number_is_seen(method: str, relu: bool) -> None:
    x, w, bias, pooled = _problem((2, 1, 12, 12, 5, 5, 5), np.float32)
    x[1, 0, 6, 6] = np.nan
    y, _ = _run(method, x, w, bias, pooled, relu)
    assert np.isfinite(y[0]).all()
    assert np.isnan(y[1]).any()


def test_first_of_equals_wins() -> None:
    x = np.ones((1, 1, 6, 6), np.float32)
    w = np.ones((1, 1, 3, 3), np.float32)
    _, place = _run("direct", x, w, np.zeros(1, np.float32), (2, 2), False)
    assert (place == 0).all()
