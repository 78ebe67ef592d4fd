"""The gradient checker finds wrong gradients, and only those."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gradient import check


def test_accepts_a_right_gradient() -> None:
    x = np.random.default_rng(0).normal(size=(3, 4))
    assert check(lambda: float((x**3).sum()), x, 3 * x**2).compared == 12


@pytest.mark.parametrize("factor", [0.999, -1.0, 2.0])
def test_finds_a_wrong_factor(factor: float) -> None:
    x = np.random.default_rng(0).normal(size=5)
    with pytest.raises(AssertionError, match="differences say"):
        check(lambda: float((x**3).sum()), x, factor * 3 * x**2)


def test_finds_one_wrong_element() -> None:
    x = np.random.default_rng(0).normal(size=5)
    gradient = 3 * x**2
    gradient[3] += 0.01
    with pytest.raises(AssertionError, match=r"dx\[3\]"):
        check(lambda: float((x**3).sum()), x, gradient)


def test_finds_a_gradient_left_at_zero() -> None:
    x = np.random.default_rng(0).normal(size=5)
    with pytest.raises(AssertionError, match="differences say"):
        check(lambda: float((x**3).sum()), x, np.zeros(5))


def test_leaves_out_a_kink_only() -> None:
    x = np.array([0.0, 0.5, -0.5, 2.0, 1.0, -1.0, 3.0, 4.0])
    found = check(lambda: float(np.abs(x).sum()), x, np.sign(x))
    assert (found.compared, found.kinks) == (7, 1)


def test_too_many_kinks_fail() -> None:
    x = np.zeros(4)
    with pytest.raises(AssertionError, match="lie on kinks"):
        check(lambda: float(np.abs(x).sum()), x, np.sign(x))


def test_leaves_x_as_it_was() -> None:
    x = np.array([1.0, 2.0])
    check(lambda: float(x.sum()), x, np.ones(2))
    assert x.tolist() == [1.0, 2.0]
