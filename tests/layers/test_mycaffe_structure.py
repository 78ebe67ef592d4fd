"""Transpose, Constant, LabelMapping and GradientScaler."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from tests.layers.harness import LayerRun


def _one(kind: str, options: str = "") -> str:
    return f'layer {{ name: "tried" type: "{kind}" bottom: "x" top: "y" {options} }}'


@pytest.mark.parametrize(
    ("spelling", "kind"),
    [
        ("LAYERNORM", "LayerNorm"),
        ("gsl", "GradientScaler"),
        ("GRADIENTSCALER", "GradientScaler"),
        ("DATA_SEQUENCE", "DataSequence"),
        ("TRIPLET_LOSS", "TripletLoss"),
        ("NORMALIZATION1", "Normalization1"),
        ("LABELMAPPING", "LabelMapping"),
        ("silu", "SiLU"),
        ("knn", "KNN"),
    ],
)
def test_mycaffes_spellings(spelling: str, kind: str) -> None:
    assert layer_types.get(spelling).type == kind


def test_transpose_takes_axes_where_they_belong() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    run = LayerRun(_one("Transpose", "transpose_param { dim: 2 dim: 0 dim: 1 }"), [x])
    (y,) = run.forward()
    assert y.shape == (4, 2, 3)
    assert all(y[k, i, j] == x[i, j, k] for i, j, k in np.ndindex(2, 3, 4))
    np.testing.assert_array_equal(run.backward([y])[0], x)


@pytest.mark.parametrize("dims", ["dim: [0, 1]", "dim: [0, 1, 1]", "dim: [0, 1, 3]", ""])
def test_transpose_names_each_axis_once(dims: str) -> None:
    with pytest.raises(UserError, match=r"x' is \(2, 3, 4\), so each of 0, 1, 2 once"):
        LayerRun(_one("Transpose", f"transpose_param {{ {dims} }}"), [np.ones((2, 3, 4))])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("valuef: 1", "no output_shape"),
        ("output_shape { dim: 2 dim: -1 } valuef: 1", "output_shape"),
        ("output_shape { dim: 2 dim: 3 } valuef: 1 valuef: 2", "one, or 6"),
        ("output_shape { dim: 2 }", "0 entries of valuef"),
        ('output_shape { dim: 2 } binary_data_file: "a.bin"', "Give them as valuef"),
    ],
)
def test_constant_says_what_it_needs(options: str, message: str) -> None:
    text = f'layer {{ name: "c" type: "Constant" top: "c" constant_param {{ {options} }} }}'
    with pytest.raises(UserError, match=message):
        LayerRun(text, [])


def _mapped(options: str, labels: Any, **settings: Any) -> LayerRun:
    return LayerRun(
        _one("LabelMapping", f"labelmapping_param {{ {options} }}"), [labels], **settings
    )


def test_labels_are_replaced_once() -> None:
    run = _mapped('mapping: "1->2" mapping: " 2 -> 7 " mapping: "3->-1"', [0, 1, 2, 3, 4])
    assert run.forward()[0].tolist() == [0, 2, 7, -1, 4]


def test_the_number_of_labels_follows() -> None:
    assert _mapped('mapping: "9->0"', [0], label_counts=(10,)).plan.tops[0].label_count == 9
    assert _mapped('mapping: "1->12"', [0], label_counts=(10,)).plan.tops[0].label_count == 13
    assert _mapped('mapping: "1->12"', [0]).plan.tops[0].label_count == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ('mapping: "1=2"', "mapping '1=2'[\\s\\S]*7->1"),
        ('mapping: "1->2?boost=1"', "boost=1'"),
        ('mapping: "1->2" mapping: "1->3"', "'1->3' names a label again"),
        ("update_database: True", "update_database"),
    ],
)
def test_mappings_that_are_none_are_refused(options: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        _mapped(options, [0, 1])


@pytest.mark.parametrize("batch_number", [0, 1, 25, 100, 1000])
@pytest.mark.parametrize("in_place", [True, False])
def test_gradients_turn_round_as_scheduled(batch_number: int, in_place: bool) -> None:
    """Bounds 0.5 and 2, alpha 5, over 100 batches: 0.5 at first, 0.5 + 1.5 * tanh(2.5) at last."""
    options = "gradient_scale_param { lower_bound: 0.5 upper_bound: 2 alpha: 5 max_iter: 100 }"
    x = np.random.default_rng(1).normal(size=(3, 4))
    run = LayerRun(_one("GSL", options), [x], batch_number=batch_number, in_place=in_place)
    np.testing.assert_array_equal(run.forward()[0], x)
    factor = 0.5 + 1.5 * math.tanh(2.5 * min(1, batch_number / 100))
    np.testing.assert_allclose(run.backward([x])[0], -factor * x, rtol=1e-12)


@pytest.mark.parametrize("option", ["lower_bound: 3", "alpha: -1", "max_iter: 0"])
def test_schedules_that_cannot_be_are_refused(option: str) -> None:
    with pytest.raises(UserError, match=r"upper_bound 1|alpha -1|max_iter 0"):
        LayerRun(_one("GSL", f"gradient_scale_param {{ {option} }}"), [np.ones(3)])
