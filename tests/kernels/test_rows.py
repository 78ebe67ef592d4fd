"""Rows added to where they were taken from."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.rows import add_rows
from tests.reference import pick as reference


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_add_up(dtype: type) -> None:
    random = np.random.default_rng(0)
    dy = random.normal(size=(20, 3)).astype(dtype)
    index = random.integers(0, 5, 20)
    dx = np.ones((6, 3), dtype)
    add_rows(dy, index, dx)
    np.testing.assert_allclose(dx, 1 + reference.add_rows(dy, index, 6), rtol=1e-5)
