"""exp, sigmoid and tanh of many lanes against the library."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.recurrent.squash import exp_single, sigmoid_in_place, tanh_in_place
from tests.reference.recurrent import sigmoid

LINE = np.concatenate([np.linspace(-30, 30, 4001), np.geomspace(1e-6, 1, 200)])


def test_exp_to_the_last_digits() -> None:
    for x in np.linspace(-87, 88, 2001).astype(np.float32):
        assert exp_single(x) == pytest.approx(np.exp(float(x)), rel=3e-7)


@pytest.mark.parametrize(("dtype", "error"), [(np.float32, 2e-7), (np.float64, 1e-15)])
def test_sigmoid_and_tanh(dtype: type, error: float) -> None:
    x = LINE.astype(dtype)
    for squash, wanted in ((sigmoid_in_place, sigmoid), (tanh_in_place, np.tanh)):
        y = x.copy()
        squash(y)
        np.testing.assert_allclose(y, wanted(x.astype(float)), rtol=0, atol=error)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ends_and_nan(dtype: type) -> None:
    ends = np.array([-np.inf, -1e30, 1e30, np.inf, np.nan], dtype)
    for squash, least in ((sigmoid_in_place, 0), (tanh_in_place, -1)):
        y = ends.copy()
        squash(y)
        np.testing.assert_allclose(y, [least, least, 1, 1, np.nan], atol=1e-37)
