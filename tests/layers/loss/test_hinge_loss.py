"""HingeLoss: norms, labels."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

X = np.array([[0.5, -2.0, 3.0], [1.0, 0.0, -1.0]])


def _run(norm: str, labels: object = (0, 2), x: object = X) -> LayerRun:
    text = (
        'layer { name: "loss" type: "HingeLoss" bottom: "x" bottom: "label" top: "loss"\n'
        f"hinge_loss_param {{ {norm} }} }}"
    )
    return LayerRun(text, [x, np.asarray(labels, float)])


@pytest.mark.parametrize(
    ("norm", "loss", "dx"),
    [
        ("", (0.5 + 4 + 2 + 1 + 2) / 2, [[-0.5, 0, 0.5], [0.5, 0.5, -0.5]]),
        ("norm: L1", (0.5 + 4 + 2 + 1 + 2) / 2, [[-0.5, 0, 0.5], [0.5, 0.5, -0.5]]),
        ("norm: L2", (0.25 + 16 + 4 + 1 + 4) / 2, [[-0.5, 0, 4], [2, 1, -2]]),
    ],
)
def test_by_hand(norm: str, loss: float, dx: list[list[float]]) -> None:
    run = _run(norm)
    assert run.forward()[0] == pytest.approx(loss)
    np.testing.assert_allclose(run.backward()[0], dx)


def test_label_out_of_range() -> None:
    with pytest.raises(
        UserError,
        match=r"row 1 of bottom 'label' holds label 3; labels run from "
        r"0 to 2, because bottom 'x' has 3 scores a row\.",
    ):
        _run("", (0, 3)).forward()


@pytest.mark.parametrize(("x", "labels"), [(X, (0, 1, 2)), (X, ((0, 1), (1, 2))), (1.0, (0,))])
def test_one_label_a_row(x: object, labels: object) -> None:
    with pytest.raises(UserError, match=r"bottom 'label' is .*; one label for each row of bottom"):
        _run("", labels, x)
