"""CenterLoss by its definition: the loss, the features' gradient, the rule of the centres."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.data.shards.cut import Cut
from mycaffe_py.errors import UserError
from tests.gradient import check
from tests.layers.harness import LayerRun
from tests.reference.class_features import center_loss, center_moves


def _run(x: Any, labels: Any, centers: Any, options: str = "num_output: 4", **rest: Any) -> Any:
    text = (
        'layer { name: "c" type: "CenterLoss" bottom: "x" bottom: "l" top: "loss" '
        f"center_loss_param {{ {options} }} }}"
    )
    return LayerRun(text, [x, labels], params=[centers], **rest)


def _made() -> tuple[Any, Any, Any]:
    random = np.random.default_rng(0)
    # No row is of class 3.
    return random.normal(size=(7, 5)), random.integers(0, 3, 7), random.normal(size=(4, 5))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_by_the_definition(dtype: Any) -> None:
    x, labels, centers = _made()
    run = _run(x, labels, centers, dtype=dtype)
    assert float(run.forward()[0]) == pytest.approx(center_loss(x, labels, centers), rel=1e-6)
    run.backward()
    np.testing.assert_allclose(run.io.dparams[0], center_moves(x, labels, centers), atol=1e-6)


def test_the_gradient_of_the_features() -> None:
    run = _run(*_made(), loss_weight=0.7)
    run.forward()
    dx, dlabels = run.backward()
    assert dlabels is None
    check(lambda: 0.7 * float(run.forward()[0]), run.inputs[0], dx)


def test_centres_move_whatever_the_loss_weight_and_their_gradients_add_up() -> None:
    x, labels, centers = _made()
    run = _run(x, labels, centers, loss_weight=0.001)
    for _ in range(2):
        run.forward()
        run.backward()
    np.testing.assert_allclose(run.io.dparams[0], 2 * center_moves(x, labels, centers))
    assert not run.io.dparams[0][3].any()


def test_a_rate_of_1_brings_a_centre_nearly_to_the_mean() -> None:
    x = np.full((9, 2), 3.0)
    run = _run(x, np.zeros(9), np.zeros((4, 2)))
    run.forward()
    run.backward()
    np.testing.assert_allclose(-run.io.dparams[0][0], 0.9 * x[0])


def test_shards_ask_for_the_mean() -> None:
    x, labels, centers = _made()
    run = _run(x, labels, centers)
    run.io.run.cut = Cut(2, 0, 2)
    run.forward()
    run.backward()
    np.testing.assert_allclose(run.io.dparams[0], center_moves(x, labels, centers) / 2)


def test_a_batch_without_rows_has_no_loss() -> None:
    run = _run(np.zeros((0, 5)), np.zeros(0), np.ones((4, 5)))
    assert run.forward()[0] == 0
    assert run.backward()[0].shape == (0, 5)
    assert not run.io.dparams[0].any()


@pytest.mark.parametrize(
    ("options", "shapes", "told"),
    [
        ("", [(2, 3), (2,)], "no num_output"),
        ("num_output: 3 axis: 4", [(2, 3), (2,)], "axis 4 does not exist"),
        ("num_output: 3", [(2, 3), (3,)], "which needs 2 labels"),
        ("num_output: 3", [(2, 0), (2,)], "at least one number"),
        ("num_output: 3", [(), ()], "does not exist"),
    ],
)
def test_what_cannot_be_is_told(options: str, shapes: Any, told: str) -> None:
    with pytest.raises(UserError) as error:
        _run(np.zeros(shapes[0]), np.zeros(shapes[1]), None, options)
    assert told in str(error.value)


def test_a_label_out_of_range_is_told_with_its_row() -> None:
    with pytest.raises(UserError, match="row 1 of bottom 'l' holds label 4"):
        _run(np.zeros((2, 3)), np.array([0, 4]), np.zeros((4, 3))).forward()
