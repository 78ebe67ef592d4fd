"""Contrastive kernels against loops in float64 and against central differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.losses import contrastive as kernels
from tests.reference import contrastive as reference

FORMS = [
    pytest.param(False, False, id="euclidean"),
    pytest.param(True, False, id="legacy"),
    pytest.param(False, True, id="manhattan"),
]


def _pairs(dtype: Any = np.float64) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(7)
    a = rng.normal(size=(12, 3)).astype(dtype)
    b = (a + rng.normal(size=(12, 3)) * 0.8).astype(dtype)
    return a, b, rng.integers(0, 2, 12).astype(np.uint8)


def _forward(a: Any, b: Any, similar: Any, scale: float, manhattan: bool, linear: bool) -> Any:
    distance = np.full(len(a), np.nan, a.dtype)
    match = np.full(len(a), np.nan, a.dtype)
    total = kernels.contrastive_forward(
        a, b, similar, 1.3, scale, manhattan, linear, distance, match
    )
    return total / (2 * len(a)), distance, match


@pytest.mark.parametrize("scale", [1.0, 2.5])
@pytest.mark.parametrize(("legacy", "manhattan"), FORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_forward_equals_reference(dtype: Any, legacy: bool, manhattan: bool, scale: float) -> None:
    a, b, similar = _pairs(dtype)
    loss, _, match = _forward(a, b, similar, scale, manhattan, legacy or manhattan)
    wanted, wanted_match = reference.contrastive(
        a, b, similar, 1.3, legacy=legacy, manhattan=manhattan, scale=scale
    )
    assert loss == pytest.approx(wanted, rel=1e-5)
    assert match.tolist() == wanted_match


@pytest.mark.parametrize("scale", [1.0, 2.5])
@pytest.mark.parametrize(("legacy", "manhattan"), FORMS)
def test_gradient_is_the_slope_of_the_loss(legacy: bool, manhattan: bool, scale: float) -> None:
    a, b, similar = _pairs()
    _, distance, _ = _forward(a, b, similar, scale, manhattan, legacy or manhattan)
    da = np.full_like(a, np.nan)
    kernels.contrastive_backward(
        a, b, similar, distance, 1.3, scale, manhattan, legacy or manhattan, 1 / len(a), da
    )
    for place in np.ndindex(a.shape):
        slopes = []
        for step in (1e-6, -1e-6):
            moved = a.copy()
            moved[place] += step
            loss, _ = reference.contrastive(
                moved, b, similar, 1.3, legacy=legacy, manhattan=manhattan, scale=scale
            )
            slopes.append(loss / step)
        assert da[place] == pytest.approx(sum(slopes) / 2, abs=2e-4)


def test_nan_reaches_loss_and_gradient() -> None:
    a, b, similar = _pairs()
    similar[:] = 0
    a[3, 1] = np.nan
    loss, distance, _ = _forward(a, b, similar, 1.0, False, False)
    da = np.zeros_like(a)
    kernels.contrastive_backward(a, b, similar, distance, 1.3, 1.0, False, False, 0.1, da)
    assert np.isnan(loss)
    assert np.isnan(da[3]).all()
