"""Contrastive kernels of pairs that are similar in part, against loops in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.losses import contrastive_soft as kernels
from tests.reference import contrastive as reference


def _forward(a: Any, b: Any, share: Any, manhattan: bool, linear: bool) -> Any:
    distance, match = np.full(len(a), np.nan, a.dtype), np.full(len(a), np.nan, a.dtype)
    total = kernels.soft_contrastive_forward(
        a, b, share, 1.3, 2.5, manhattan, linear, distance, match
    )
    return total / (2 * len(a)), distance, match


@pytest.mark.parametrize(
    ("legacy", "manhattan"),
    [(False, False), (True, False), (False, True)],
    ids=["euclidean", "legacy", "manhattan"],
)
def test_value_and_slope_equal_the_reference(legacy: bool, manhattan: bool) -> None:
    random = np.random.default_rng(7)
    a = random.normal(size=(12, 3))
    b = a + 0.8 * random.normal(size=a.shape)
    share = np.array([0, 1, *random.uniform(size=10)])
    form = {"legacy": legacy, "manhattan": manhattan, "scale": 2.5}
    loss, distance, _ = _forward(a, b, share, manhattan, legacy or manhattan)
    assert loss == pytest.approx(reference.soft_contrastive(a, b, share, 1.3, **form))
    da = np.full_like(a, np.nan)
    kernels.soft_contrastive_backward(
        a, b, share, distance, 1.3, 2.5, manhattan, legacy or manhattan, 1 / len(a), da
    )
    for place in np.ndindex(a.shape):
        slopes = []
        for step in (1e-6, -1e-6):
            moved = a.copy()
            moved[place] += step
            slopes.append(reference.soft_contrastive(moved, b, share, 1.3, **form) / step)
        assert da[place] == pytest.approx(sum(slopes) / 2, abs=2e-4)


def test_single_precision_and_the_sides_of_the_margin() -> None:
    a = np.array([[1, 0], [1, 0], [0, 2], [0, 2]], np.float32)
    share = np.array([0.5, 0.4, 0.9, 0.1], np.float32)
    _, distance, match = _forward(a, np.zeros_like(a), share, False, False)
    assert distance.tolist() == [1, 1, 4, 4]
    # sqrt(2.5 * 1) is beyond the margin of 1.3, and so is sqrt(2.5 * 4); 1 is not, 2 is.
    assert match.tolist() == [0, 0, 0, 1]
