"""Positions and items brought to a length, against the formula."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.row_length import places_to_length, places_to_length_backward
from tests.reference.detection import normalize


@pytest.mark.parametrize("amounts", [False, True])
@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("scales", [1, 3])
def test_lengths_and_scales(scales: int, across: bool, amounts: bool) -> None:
    random = np.random.default_rng(0)
    x, scale = random.normal(size=(2, 3, 5)), random.uniform(1, 3, scales)
    length, y = np.full((2, 1 if across else 5), np.nan), np.full_like(x, np.nan)
    places_to_length(x, scale, across, amounts, 0.01, length, y)
    np.testing.assert_allclose(y, normalize(x, scale, across, amounts, 0.01), rtol=1e-12)


@pytest.mark.parametrize("across", [False, True])
def test_zeros_stay_and_get_no_gradient(across: bool) -> None:
    x, length = np.zeros((2, 3, 5)), np.full((2, 1 if across else 5), np.nan)
    y, dx = np.full_like(x, np.nan), np.full_like(x, np.nan)
    places_to_length(x, np.ones(1), across, False, 0.0, length, y)
    places_to_length_backward(x, np.ones(1), length, np.ones_like(x), length[:0], across, False, dx)
    assert not y.any() and not dx.any()


@pytest.mark.parametrize("shape", [(0, 3, 5), (2, 0, 5), (2, 3, 0)])
@pytest.mark.parametrize("across", [False, True])
def test_nothing_to_bring_to_a_length(shape: tuple[int, int, int], across: bool) -> None:
    x = np.zeros(shape)
    length = np.zeros((shape[0], 1 if across else shape[2]))
    places_to_length(x, np.ones(1), across, False, 1.0, length, x.copy())
    places_to_length_backward(x, np.ones(1), length, x, length[:0], across, False, x.copy())
