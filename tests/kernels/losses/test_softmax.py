"""Softmax kernels against numpy in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.losses import softmax as kernels
from tests.reference import softmax as reference

SHAPES = [(4, 7, 1), (2, 3, 5), (1, 1, 1)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", SHAPES)
def test_forward_in_place_equals_reference(shape: tuple[int, ...], dtype: Any) -> None:
    x = np.random.default_rng(0).normal(scale=30, size=shape).astype(dtype)
    wanted = reference.softmax(x, 1)
    kernels.softmax_forward(x, x)
    np.testing.assert_allclose(x, wanted, rtol=2e-5, atol=1e-30)


@pytest.mark.parametrize("shape", SHAPES)
def test_backward_is_the_jacobian(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape)
    dy = rng.normal(size=shape)
    dx = dy.copy()
    kernels.softmax_backward(reference.softmax(x, 1), dx, dx)
    for place in np.ndindex(shape):
        step = np.zeros(shape)
        step[place] = 1e-6
        change = reference.softmax(x + step, 1) - reference.softmax(x - step, 1)
        assert dx[place] == pytest.approx((dy * change).sum() / 2e-6, abs=1e-7)


def test_cross_entropy_and_gradient() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4, 3, 2))
    labels = rng.integers(0, 3, (4, 2))
    counted = np.ones((4, 2), bool)
    counted[2, 1] = False
    y = reference.softmax(x, 1)
    marked = np.where(counted, labels, 9)
    wanted = reference.cross_entropy(x, marked, 1, "NONE", ignored={9})
    assert kernels.cross_entropy(y, labels, counted) == pytest.approx(wanted)
    dx = np.full_like(x, np.nan)
    kernels.cross_entropy_backward(y, labels, counted, 0.5, dx)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 1e-6
        change = reference.cross_entropy(x + step, marked, 1, "NONE", ignored={9})
        change -= reference.cross_entropy(x - step, marked, 1, "NONE", ignored={9})
        assert dx[place] == pytest.approx(0.5 * change / 2e-6, abs=1e-7)


def test_a_probability_of_zero_has_a_finite_loss() -> None:
    y = np.array([[[0.0], [1.0]]], dtype=np.float32)
    loss = kernels.cross_entropy(y, np.array([[0]]), np.array([[True]]))
    assert loss == pytest.approx(87.3365, abs=1e-3)


def test_rivals_tie_and_nan() -> None:
    scores = np.array([[1.0, 1.0, 0.0], [3.0, 1.0, 0.0], [np.nan, 1.0, 0.0], [1.0, 2.0, 3.0]])
    rivals = np.zeros((4, 1), np.int64)
    counted = np.array([[True], [True], [True], [False]])
    kernels.count_rivals(scores.reshape(4, 3, 1), np.zeros((4, 1), int), counted, rivals)
    # A NaN is not below anything, so it counts against every label, itself included.
    assert rivals[:, 0].tolist() == [1, 0, 2, -1]
