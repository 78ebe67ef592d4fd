"""Backward of a depthwise convolution: it is the adjoint of the definition in w and in x."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.convolution import depthwise_gradient as kernels
from mycaffe_py.kernels.convolution.conv_planes import plan_planes
from tests.reference.im2col import convolution

# (C, H, W), K, (KH, KW), stride, pad, dilation
CASES = {
    "3 x 3": ((2, 3, 18), 2, (3, 3), (1, 1), (1, 1), (1, 1)),
    "two outputs a channel": ((2, 4, 5), 4, (3, 3), (1, 1), (1, 1), (1, 1)),
    "strides": ((2, 5, 18), 2, (3, 3), (2, 2), (1, 1), (1, 1)),
    "strides larger than the filter": ((1, 7, 9), 1, (2, 1), (3, 4), (0, 0), (1, 1)),
    "uneven": ((2, 4, 8), 2, (2, 5), (1, 3), (1, 0), (1, 1)),
    "dilated": ((1, 6, 9), 2, (3, 3), (2, 1), (2, 2), (2, 3)),
    "a row": ((2, 1, 40), 2, (1, 5), (1, 2), (0, 2), (1, 1)),
    "what no window sees": ((2, 6, 6), 2, (3, 3), (2, 2), (0, 0), (1, 1)),
}


def _made(case: str, dtype: Any) -> tuple[Any, ...]:
    (channels, *size), outputs, kernel, stride, pad, dilation = CASES[case]
    out = tuple(
        (n + 2 * p - (d * (k - 1) + 1)) // s + 1
        for n, k, s, p, d in zip(size, kernel, stride, pad, dilation, strict=True)
    )
    random = np.random.default_rng(0)
    x = random.normal(size=(2, channels, *size)).astype(dtype)
    w = random.normal(size=(outputs, 1, *kernel)).astype(dtype)
    dy = random.normal(size=(2, outputs, *out)).astype(dtype)
    planes = plan_planes(kernel, stride, pad, dilation, (out[0], out[1]))

    def forward(of: Any, by: Any) -> Any:
        return convolution(of, by, np.zeros(outputs), stride, pad, dilation, out, channels)

    return x, w, dy, (planes, stride, pad), forward


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_value_gets_the_sum_of_what_it_changes(case: str, dtype: Any) -> None:
    x, w, dy, layout, forward = _made(case, dtype)
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"atol": 1e-11}
    before = np.ones_like(w)
    kernels.depthwise_filters(x, dy, *layout, before)
    dw = np.empty(w.shape)
    for at in np.ndindex(w.shape):
        one = np.zeros(w.shape)
        one[at] = 1
        dw[at] = np.sum(forward(x.astype(np.float64), one) * dy)
    np.testing.assert_allclose(before - 1, dw, **tolerance)
    dx = np.full_like(x, np.nan)
    kernels.depthwise_inputs(dy, w, *layout, dx)
    wanted = np.empty(x.shape)
    for at in np.ndindex(x.shape[1:]):
        one = np.zeros(x.shape)
        one[(slice(None), *at)] = 1
        wanted[(slice(None), *at)] = np.sum(forward(one, w.astype(np.float64)) * dy, axis=(1, 2, 3))
    np.testing.assert_allclose(dx, wanted, **tolerance)


def test_bits_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_WORTH_SHARING", 0)
    x, w, dy, layout, _ = _made("3 x 3", np.float32)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            dw, dx = np.zeros_like(w), np.empty_like(x)
            kernels.depthwise_filters(x, dy, *layout, dw)
            kernels.depthwise_inputs(dy, w, *layout, dx)
            found.append((dw, dx))
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])
