"""Sums for the gradient of a bias: exactly nothing where twins send opposite gradients."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.layers.bias_sums import add_bias_sums, cut_and_add_bias_sums


@pytest.mark.parametrize("shape", [(6, 4), (6, 4, 7), (6, 4, 3, 5), (2, 1), (4, 3, 1)])
@pytest.mark.parametrize("twins", [1, 2])
def test_the_sum_over_all_axes_but_the_channels(shape: tuple[int, ...], twins: int) -> None:
    dy = np.random.default_rng(3).normal(size=shape).astype(np.float32)
    db = np.ones(shape[1], np.float32)
    add_bias_sums(dy, twins, db)
    wanted = 1 + dy.astype(np.float64).sum(axis=(0, *range(2, dy.ndim)))
    np.testing.assert_allclose(db, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rows", [1, 5, 17, 64])
@pytest.mark.parametrize("rest", [(), (9,), (4, 4)])
def test_twins_of_opposite_gradients_leave_nothing(rows: int, rest: tuple[int, ...]) -> None:
    part = np.random.default_rng(rows).normal(size=(rows, 10, *rest)).astype(np.float32)
    db = np.zeros(10, np.float32)
    add_bias_sums(np.concatenate([part, -part]), 2, db)
    assert not db.any()
    # A max pooling puts the values of the second branch in other places of the same pictures.
    moved = part.reshape(rows, 10, -1)[:, :, ::-1].reshape(part.shape)
    add_bias_sums(np.concatenate([part, -moved]), 2, db)
    assert not db.any()


@pytest.mark.parametrize("shape", [(6, 4, 7), (4, 3, 300, 100)])
@pytest.mark.parametrize("twins", [1, 2])
def test_what_a_relu_held_back_is_cut_first(shape: tuple[int, ...], twins: int) -> None:
    random = np.random.default_rng(5)
    y = np.maximum(random.normal(size=shape), 0).astype(np.float32)
    dy = random.normal(size=shape).astype(np.float32)
    cut, alone, db = dy.copy(), dy.copy(), np.ones(shape[1], np.float32)
    cut_and_add_bias_sums(y, twins, cut, db)
    cut_and_add_bias_sums(y, twins, alone, None)
    np.testing.assert_array_equal(cut, np.where(y > 0, dy, 0))
    np.testing.assert_array_equal(alone, cut)
    wanted = 1 + cut.astype(np.float64).sum(axis=(0, *range(2, dy.ndim)))
    np.testing.assert_allclose(db, wanted, rtol=1e-5, atol=1e-6)
