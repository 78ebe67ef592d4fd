"""The k largest values, with ties and NaN."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.largest import largest_first
from tests.reference import pick as reference


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 7, 2), (1, 1, 1), (2, 5, 3)])
def test_equals_reference_with_many_ties(shape: tuple[int, int, int], dtype: type) -> None:
    x = np.random.default_rng(0).integers(0, 4, shape).astype(dtype)
    x[0, 0, 0] = np.nan
    for k in range(1, shape[1] + 1):
        found = np.full((shape[0], k, shape[2]), -1)
        largest_first(x, found)
        np.testing.assert_array_equal(found, reference.largest_first(x, k))
