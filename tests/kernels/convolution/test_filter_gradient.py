"""The gradient of filters: the sums of its definition, whatever the blocks and the threads."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.convolution import filter_gradient
from mycaffe_py.kernels.convolution.conv_planes import plan_planes

# (N, C, H, W), K, (KH, KW), stride, pad, dilation, groups
CASES = {
    "3 x 3": ((2, 3, 7, 9), 9, (3, 3), (1, 1), (1, 1), (1, 1), 1),
    "strides": ((2, 4, 21, 40), 70, (3, 2), (3, 2), (1, 0), (1, 1), 1),
    "dilated": ((2, 2, 9, 8), 40, (3, 3), (1, 1), (3, 2), (2, 3), 1),
    "groups": ((2, 6, 6, 6), 36, (3, 3), (1, 1), (1, 1), (1, 1), 2),
    "one tap, several blocks": ((2, 7, 50, 60), 100, (1, 1), (1, 1), (0, 0), (1, 1), 1),
    "one tap, strides": ((2, 5, 13, 13), 33, (1, 1), (2, 2), (0, 0), (1, 1), 1),
    "many small pictures": ((600, 2, 2, 2), 17, (3, 3), (1, 1), (1, 1), (1, 1), 1),
}


def _made(case: str, dtype: Any) -> tuple[Any, ...]:
    shape, outputs, kernel, stride, pad, dilation, _ = CASES[case]
    out = tuple(
        (n + 2 * p - (d * (k - 1) + 1)) // s + 1
        for n, k, s, p, d in zip(shape[2:], kernel, stride, pad, dilation, strict=True)
    )
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype(dtype)
    dy = random.normal(size=(shape[0], outputs, *out)).astype(dtype)
    return x, dy, plan_planes(kernel, stride, pad, dilation, (out[0], out[1]))


def _found(case: str, x: Any, dy: Any, planes: Any) -> Any:
    _, outputs, kernel, stride, pad, _, groups = CASES[case]
    sizes = filter_gradient.scratch_sizes(planes, len(x), groups, x.shape[1], outputs, x.dtype)
    scratch = tuple(np.full(size, np.nan, x.dtype) for size in sizes)
    dw = np.ones((outputs, x.shape[1] // groups, *kernel), x.dtype)
    filter_gradient.filters(x, dy, groups, planes, stride, pad, scratch, dw)
    return dw


def _wanted(case: str, x: Any, dy: Any) -> Any:
    _, outputs, kernel, stride, pad, dilation, groups = CASES[case]
    around = [(0, 0), (0, 0), *((p, p) for p in pad)]
    padded = np.pad(x.astype(np.float64), around)
    dw = np.empty((outputs, x.shape[1] // groups, *kernel))
    for ky, kx in np.ndindex(*kernel):
        rows = slice(ky * dilation[0], ky * dilation[0] + stride[0] * dy.shape[2], stride[0])
        columns = slice(kx * dilation[1], kx * dilation[1] + stride[1] * dy.shape[3], stride[1])
        seen = np.split(padded[:, :, rows, columns], groups, axis=1)
        parts = zip(np.split(dy, groups, axis=1), seen, strict=True)
        products = [np.einsum("nohw,nchw->oc", of_y, of_x) for of_y, of_x in parts]
        dw[:, :, ky, kx] = np.concatenate(products)
    return dw


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_sums_are_added_to_what_was_there(case: str, dtype: Any) -> None:
    x, dy, planes = _made(case, dtype)
    tolerance = {"rtol": 1e-4, "atol": 1e-3} if dtype == np.float32 else {"atol": 1e-10}
    np.testing.assert_allclose(_found(case, x, dy, planes) - 1, _wanted(case, x, dy), **tolerance)


@pytest.mark.parametrize("case", ["3 x 3", "strides", "groups", "one tap, several blocks"])
def test_bits_do_not_depend_on_threads(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_gradient, "_WORTH_SHARING", 0)
    made = _made(case, np.float32)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            found.append(_found(case, *made))
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(found[0], found[1])
