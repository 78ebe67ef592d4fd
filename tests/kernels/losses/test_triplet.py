"""Costs of given triplets against loops in float64, and where they have no slope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.losses import triplet as kernels
from tests.reference import triplet as reference

FORMS = [
    pytest.param(reference.Form(squared, lossless), id=f"{squared=} {lossless=}")
    for squared in (True, False)
    for lossless in (True, False)
]


def _options(form: reference.Form, features: int) -> tuple[Any, ...]:
    top = features if form.squared else math.sqrt(features)
    return form.squared, form.lossless, form.margin, float(top), float(top), form.epsilon


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sum_equals_reference(form: reference.Form, dtype: Any) -> None:
    rng = np.random.default_rng(3)
    a, p, n = (rng.uniform(size=(9, 4)).astype(dtype) for _ in range(3))
    near, far = np.full(9, np.nan), np.full(9, np.nan)
    total = kernels.triplet_rows(a, p, n, *_options(form, 4), near, far)
    assert total / 9 / (1 if form.lossless else 2) == pytest.approx(
        reference.rows(a, p, n, form), rel=1e-12
    )
    assert np.isfinite(near).all()
    assert np.isfinite(far).all()


def test_equal_rows_pull_nowhere_without_squares() -> None:
    """|x - y| has no gradient at 0; division by it would make NaN."""
    assert kernels.pull_of(1.0, 0.0, False) == 0
    assert kernels.pull_of(1.0, 0.0, True) == 2
    assert kernels.pull_of(1.0, 4.0, False) == 0.25


def test_no_logarithm_costs_infinitely_much() -> None:
    assert kernels.triplet_cost(2.5, 1.0, True, 0.0, 2.0, 2.0, 1e-8)[0] == np.inf


def test_nan_reaches_sum_and_gradient() -> None:
    a = np.zeros((3, 2))
    a[1, 0] = np.nan
    p, n, near, far = np.ones((3, 2)), np.full((3, 2), 5.0), np.zeros(3), np.zeros(3)
    total = kernels.triplet_rows(a, p, n, True, False, 1.1, 2.0, 2.0, 1e-8, near, far)
    assert np.isnan(total)
    da = np.zeros((3, 2))
    kernels.anchor_gradient(a, p, n, near, far, 1.0, da)
    assert np.isnan(da[1, 0])
    assert not da[0].any()
