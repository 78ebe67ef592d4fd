"""Depthwise convolution against its definition."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

from mycaffe_py.kernels.convolution import depthwise as kernels
from mycaffe_py.kernels.convolution.conv_planes import plan_planes
from tests.reference.im2col import convolution


def _run(x: Any, w: Any, stride: Any, pad: Any, out: Any, ends: Any, added: Any, relu: bool) -> Any:
    planes = plan_planes(w.shape[2:], stride, pad, (1, 1), out)
    y = np.full((x.shape[0], w.shape[0], *out), np.nan, x.dtype)
    kernels.depthwise(x, w, planes, stride, pad, *ends, y[:0] if added is None else added, relu, y)
    return y


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("stride", [(1, 1), (2, 2), (1, 3)])
@pytest.mark.parametrize("outputs", [4, 8])
def test_definition(stride: Any, outputs: int, dtype: Any) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 4, 9, 37)).astype(dtype)
    w = random.normal(size=(outputs, 1, 3, 3)).astype(dtype)
    out = ((9 - 1) // stride[0] + 1, (37 - 1) // stride[1] + 1)
    ends = random.normal(size=(2, outputs)).astype(dtype)
    added = random.normal(size=(2, outputs, *out)).astype(dtype)
    wanted = convolution(x, w, np.zeros(outputs), stride, (1, 1), (1, 1), out, 4)
    wanted = wanted * ends[0][:, None, None] + ends[1][:, None, None]
    y = _run(x, w, stride, (1, 1), out, ends, None, False)
    np.testing.assert_allclose(y, wanted, rtol=1e-4, atol=1e-5)
    y = _run(x, w, stride, (1, 1), out, ends, added, True)
    np.testing.assert_allclose(y, np.maximum(wanted + added, 0), rtol=1e-4, atol=1e-5)


def test_bits_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "_WORTH_SHARING", 0)
    random = np.random.default_rng(0)
    x = random.normal(size=(3, 5, 20, 20)).astype(np.float32)
    w = random.normal(size=(5, 1, 3, 3)).astype(np.float32)
    ends = random.normal(size=(2, 5)).astype(np.float32)
    before = numba.get_num_threads()
    found = []
    try:
        for threads in (1, 2):
            numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
            found.append(_run(x, w, (1, 1), (1, 1), (20, 20), ends, None, True))
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(*found)
