"""SmoothL1Loss by its definition, with two, three and four bottoms; what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(bottoms: str, sigma: str = "2") -> str:
    ports = " ".join(f'bottom: "{name}"' for name in bottoms)
    return (
        f'layer {{ name: "l" type: "SmoothL1Loss" {ports} top: "loss" '
        f"smooth_l1_loss_param {{ sigma: {sigma} }} }}"
    )


def _wanted(a: Any, b: Any, v: Any = 1.0, u: Any = 1.0) -> float:
    d = np.abs(v * (a - b))
    return float((u * np.where(d < 0.25, 2 * d**2, d - 0.125)).sum() / len(a))


@pytest.mark.parametrize("names", ["ab", "abv", "abvu"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_value(names: str, dtype: Any) -> None:
    random = np.random.default_rng(0)
    bottoms = [random.normal(size=(6, 8), scale=0.3).astype(dtype) for _ in names]
    (loss,) = LayerRun(_text(names), bottoms, dtype=dtype).forward()
    assert float(loss) == pytest.approx(_wanted(*bottoms), rel=1e-5)


def test_weights_get_no_gradient_and_a_weight_of_0_stops_it() -> None:
    a, b = np.full((2, 1), 3.0), np.zeros((2, 1))
    run = LayerRun(_text("abvu"), [a, b, np.array([[1.0], [0.0]]), np.ones((2, 1))])
    run.forward()
    da, db, dv, du = run.backward()
    assert dv is None and du is None
    np.testing.assert_array_equal(da, [[0.5], [0.0]])
    np.testing.assert_array_equal(db, [[-0.5], [0.0]])


def test_a_batch_without_rows_has_no_loss() -> None:
    run = LayerRun(_text("ab"), [np.zeros((0, 4))] * 2)
    assert run.forward()[0] == 0
    assert [dx.shape for dx in run.backward() if dx is not None] == [(0, 4)] * 2


def test_nan_is_seen() -> None:
    a = np.array([[1.0, np.nan]])
    run = LayerRun(_text("ab"), [a, np.zeros((1, 2))])
    assert np.isnan(run.forward()[0])
    assert np.isnan(run.backward()[0]).tolist() == [[False, True]]


@pytest.mark.parametrize("sigma", ["0", "-1", "nan", "inf"])
def test_sigma_is_more_than_0(sigma: str) -> None:
    with pytest.raises(UserError, match=r"sigma .*") as error:
        LayerRun(_text("ab", sigma), [np.zeros((1, 2))] * 2)
    assert "more than 0" in str(error.value)


def test_weights_of_another_shape_are_named() -> None:
    with pytest.raises(UserError, match=r"bottom 'u' is \(2, 3\)"):
        LayerRun(_text("abvu"), [*[np.zeros((2, 4))] * 3, np.zeros((2, 3))])
