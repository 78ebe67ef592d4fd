"""Loss kernels against plain loops in float64, and their gradients against differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mycaffe_py.kernels.losses import class_losses as kernels
from tests.gradient import check
from tests.reference import class_losses as reference
from tests.reference.softmax import softmax

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(4, 3))
LABELS = np.array([0, 2, 1, 2])
TYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@TYPES
@pytest.mark.parametrize("squared", [False, True])
def test_hinge(dtype: type, squared: bool) -> None:
    wanted = reference.hinge(X, LABELS, 2 if squared else 1)
    assert kernels.hinge(X.astype(dtype), LABELS, squared) == pytest.approx(wanted, rel=1e-6)
    x, dx = X.copy(), np.full_like(X, np.nan)
    kernels.hinge_backward(x, LABELS, squared, 1.0, dx)
    check(lambda: reference.hinge(x, LABELS, 2 if squared else 1), x, dx)


def test_hinge_shows_a_nan() -> None:
    x = X.copy()
    x[1, 1] = np.nan
    assert math.isnan(kernels.hinge(x, LABELS, False))
    dx = np.zeros_like(x)
    kernels.hinge_backward(x, LABELS, True, 1.0, dx)
    assert np.isnan(dx[1, 1]) and np.isfinite(dx[0]).all()


@TYPES
def test_infogain(dtype: type) -> None:
    x = RANDOM.normal(size=(3, 4, 2))
    labels = RANDOM.integers(0, 4, (3, 2))
    counted = np.array([[True, True], [False, True], [True, False]])
    h = RANDOM.uniform(size=(4, 4))
    wanted = reference.infogain(x, labels, counted, h)
    p = softmax(x, 1)
    found = kernels.infogain(p.astype(dtype), labels, counted, h.astype(dtype))
    assert found == pytest.approx(wanted, rel=1e-5)
    dx = np.full_like(x, np.nan)
    kernels.infogain_backward(p, labels, counted, h, 1.0, dx)
    check(lambda: reference.infogain(x, labels, counted, h), x, dx)


@TYPES
def test_sigmoid_cross_entropy(dtype: type) -> None:
    x, target = RANDOM.normal(scale=2, size=9), RANDOM.uniform(size=9)
    counted = np.arange(9) != 4
    wanted = reference.sigmoid_cross_entropy(x, target, counted)
    found = kernels.sigmoid_cross_entropy(x.astype(dtype), target.astype(dtype), counted)
    assert found == pytest.approx(wanted, rel=1e-6)
    dx = np.full_like(x, np.nan)
    kernels.sigmoid_cross_entropy_backward(x, target, counted, 1.0, dx)
    check(lambda: reference.sigmoid_cross_entropy(x, target, counted), x, dx)


@TYPES
def test_sigmoid_cross_entropy_of_huge_scores(dtype: type) -> None:
    x, target = np.array([800.0, -800.0], dtype), np.array([0.0, 1.0], dtype)
    counted = np.ones(2, bool)
    assert kernels.sigmoid_cross_entropy(x, target, counted) == 1600
    dx = np.empty_like(x)
    kernels.sigmoid_cross_entropy_backward(x, target, counted, 1.0, dx)
    assert dx.tolist() == [1, -1]
