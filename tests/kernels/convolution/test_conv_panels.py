"""Convolution without columns: against its definition, whatever the tile, the round, the thread."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.convolution import conv_panels
from mycaffe_py.kernels.convolution.conv_panels import DEPTH, convolve, images_together
from mycaffe_py.kernels.convolution.conv_planes import plan_planes, slack
from mycaffe_py.kernels.convolution.conv_write import ROWS
from tests.reference.im2col import convolution

# (N, C, H, W), (K, KH, KW), stride, pad, dilation, groups
CASES = {
    "3 x 3": ((2, 5, 9, 8), (ROWS, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    "strides": ((2, 4, 11, 13), (ROWS + 3, 3, 2), (3, 2), (1, 0), (1, 1), 1),
    "dilated": ((1, 3, 12, 9), (2 * ROWS, 3, 3), (1, 2), (2, 2), (2, 3), 1),
    "groups": ((3, 6, 6, 6), (2 * ROWS + 2, 3, 3), (2, 2), (1, 1), (1, 1), 2),
    "one tap": ((5, 7, 5, 7), (3 * ROWS - 1, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "one tap, strides": ((2, 7, 9, 11), (ROWS, 1, 1), (2, 3), (0, 0), (1, 1), 1),
    "one tap, padded": ((2, 3, 4, 4), (ROWS, 1, 1), (1, 1), (2, 1), (1, 1), 1),
    "whole panels": ((2, 3, 24, 32), (ROWS, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    "one place": ((70, 4, 3, 3), (ROWS + 1, 3, 3), (1, 1), (0, 0), (1, 1), 1),
    "far padding": ((1, 2, 3, 2), (ROWS, 2, 2), (1, 1), (4, 5), (1, 1), 1),
}


def _run(
    x: Any, w: Any, case: Any, out: Any, factor: Any, shift: Any, added: Any, relu: bool
) -> Any:
    _, (_, *kernel), stride, pad, dilation, groups = case
    planes = plan_planes(tuple(kernel), stride, pad, dilation, out)
    together = min(x.shape[0], images_together(planes, x.shape[1]))
    room = np.full(together * x.shape[1] * planes.elements + slack(x.dtype), np.nan, x.dtype)
    y = np.full((x.shape[0], w.shape[0], *out), np.nan, x.dtype)
    extra = y[:0] if added is None else added
    convolve(x, w, groups, planes, stride, pad, factor, shift, extra, relu, room, y)
    return y


def _made(case: Any, dtype: Any) -> tuple[Any, ...]:
    (shape, (outputs, *kernel), stride, pad, dilation, groups) = case
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype(dtype)
    w = random.normal(size=(outputs, shape[1] // groups, *kernel)).astype(dtype)
    out = tuple(
        (n + 2 * p - (d * (k - 1) + 1)) // s + 1
        for n, k, s, p, d in zip(shape[2:], kernel, stride, pad, dilation, strict=True)
    )
    factor, shift = random.normal(size=(2, outputs)).astype(dtype)
    added = random.normal(size=(shape[0], outputs, *out)).astype(dtype)
    zero = np.zeros(outputs)
    wanted = convolution(x, w, zero, stride, pad, dilation, out, groups)
    wanted = wanted * factor[:, None, None] + shift[:, None, None]
    return x, w, out, factor, shift, added, wanted


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", CASES)
def test_definition(name: str, dtype: Any) -> None:
    x, w, out, factor, shift, added, wanted = _made(CASES[name], dtype)
    close = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-10}
    y = _run(x, w, CASES[name], out, factor, shift, None, False)
    np.testing.assert_allclose(y, wanted, **close)
    y = _run(x, w, CASES[name], out, factor, shift, added, True)
    np.testing.assert_allclose(y, np.maximum(wanted + added, 0), **close)


DEEP = ((2, DEPTH // 2, 7, 7), (2 * ROWS + 1, 3, 3), (1, 1), (1, 1), (1, 1), 1)


def test_several_blocks_of_depth() -> None:
    x, w, out, factor, shift, _, wanted = _made(DEEP, np.float32)
    y = _run(x, w, DEEP, out, factor, shift, None, False)
    np.testing.assert_allclose(y, wanted, rtol=1e-3, atol=1e-3)


def test_one_tile_of_channels_in_several_blocks_of_depth() -> None:
    # Four panels are multiplied in turn; each waits for the next block with sums of its own.
    shape = (1, DEPTH // 9 + 8, 20, 30)
    case = (shape, (ROWS, 3, 3), (1, 1), (1, 1), (1, 1), 1)
    x, w, out, factor, shift, _, wanted = _made(case, np.float64)
    y = _run(x, w, case, out, factor, shift, None, False)
    np.testing.assert_allclose(y, wanted, rtol=1e-10, atol=1e-10)


def test_bits_do_not_depend_on_threads_and_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    case = ((6, 20, 15, 15), (5 * ROWS, 3, 3), (1, 1), (1, 1), (1, 1), 1)
    x, w, out, factor, shift, added, _ = _made(case, np.float32)
    monkeypatch.setattr(conv_panels, "_WORTH_SHARING", 0)
    before = numba.get_num_threads()
    found = []
    try:
        for threads, images in ((1, 6), (2, 6), (2, 2), (1, 1)):
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            elements = plan_planes((3, 3), (1, 1), (1, 1), (1, 1), out).elements
            monkeypatch.setattr(conv_panels, "ROUND", images * 20 * elements)
            found.append(_run(x, w, case, out, factor, shift, added, True))
    finally:
        numba.set_num_threads(before)
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


def test_nan_reaches_exactly_the_outputs_that_see_it() -> None:
    case = ((2, 3, 9, 9), (ROWS, 3, 3), (1, 1), (1, 1), (1, 1), 1)
    x, w, out, factor, shift, _, _ = _made(case, np.float32)
    x[1, 2, 4, 4] = np.nan
    y = _run(x, w, case, out, factor, shift, None, True)
    wanted = np.zeros(y.shape, bool)
    wanted[1, :, 3:6, 3:6] = True
    np.testing.assert_array_equal(np.isnan(y), wanted)
