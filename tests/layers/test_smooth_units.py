"""SiLU, Mish, GELU, LayerNorm and Normalization1 against loops, and at their ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import smooth_units as reference

X = np.concatenate([np.linspace(-8, 8, 33), [19.0, -19.0, 21.0]])
ENDS = np.array([-1e4, -100.0, 0.0, 100.0, 1e4])


def _one(kind: str, options: str = "") -> str:
    return f'layer {{ name: "tried" type: "{kind}" bottom: "x" top: "y" {options} }}'


UNITS = [
    ("SILU", "", reference.silu),
    ("Mish", "", reference.mish),
    ("GELU", "", reference.gelu),
    ("gelu", "gelu_param { enable_bert_version: True }", reference.gelu_by_tanh),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("kind", "options", "wanted"), UNITS)
def test_units_equal_reference(
    kind: str, options: str, wanted: Callable[[float], float], dtype: Any
) -> None:
    (y,) = LayerRun(_one(kind, options), [X], dtype=dtype).forward()
    close = 2e-6 if dtype == np.float32 else 1e-9
    np.testing.assert_allclose(y, [wanted(x) for x in X], rtol=close, atol=close)


@pytest.mark.parametrize(("kind", "options", "_"), UNITS)
def test_units_are_finite_far_out(kind: str, options: str, _: Any) -> None:
    run = LayerRun(_one(kind, options), [ENDS])
    (y,) = run.forward()
    (dx,) = run.backward([np.ones(5)])
    assert y.tolist() == [0, pytest.approx(0, abs=1e-30), 0, 100, 1e4]
    assert dx is not None
    np.testing.assert_allclose(dx[[0, 1, 3, 4]], [0, 0, 1, 1], atol=1e-30)


def test_above_its_threshold_mish_is_x_tanh_x() -> None:
    run = LayerRun(_one("Mish", "mish_param { threshold: 1 }"), [np.array([0.5, 1.5])])
    (y,) = run.forward()
    np.testing.assert_allclose(y, [reference.mish(0.5), 1.5 * np.tanh(1.5)])


@pytest.mark.parametrize(
    ("shape", "rows"), [((4, 6), 4), ((2, 3, 5), 6), ((2, 3, 2, 4), 6), ((3, 1, 4), 3)]
)
def test_layer_norm_equals_reference(shape: tuple[int, ...], rows: int) -> None:
    x = np.random.default_rng(4).normal(size=shape) * 3 + 2
    (y,) = LayerRun(_one("LayerNorm", "layer_norm_param { epsilon: 0.01 }"), [x]).forward()
    for found, row in zip(y.reshape(rows, -1), x.reshape(rows, -1), strict=True):
        np.testing.assert_allclose(found, reference.layer_norm(row, 0.01), rtol=1e-12)


def test_layer_norm_needs_something_to_normalise() -> None:
    with pytest.raises(UserError, match="two axes or more"):
        LayerRun(_one("LayerNorm"), [np.ones(4)])
    with pytest.raises(UserError, match="epsilon -1"):
        LayerRun(_one("LayerNorm", "layer_norm_param { epsilon: -1 }"), [np.ones((4, 2))])


@pytest.mark.parametrize("norm", ["L1", "L2"])
def test_unit_rows_equal_reference_and_zeros_stay(norm: str) -> None:
    x = np.random.default_rng(4).normal(size=(4, 2, 3))
    x[2] = 0
    run = LayerRun(_one("Normalization1", f"normalization_param {{ norm: {norm} }}"), [x])
    (y,) = run.forward()
    for found, row in zip(y.reshape(4, -1), x.reshape(4, -1), strict=True):
        np.testing.assert_allclose(found, reference.unit(row, norm), rtol=1e-12)
    (dx,) = run.backward([np.ones(x.shape)])
    assert dx is not None
    assert np.isfinite(dx).all()
    assert not dx[2].any()
