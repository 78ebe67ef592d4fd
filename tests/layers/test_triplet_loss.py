"""TripletLoss: worked numbers and shapes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun

TEXT = (
    'layer { name: "loss" type: "TripletLoss" bottom: "a" bottom: "p" bottom: "n" top: "loss" '
    "triplet_loss_param { alpha: 1.1 } }"
)
A = np.array([[0.0, 0.0], [1.0, 0.0]])
P = np.array([[1.0, 0.0], [1.0, 1.0]])


def test_far_negatives_cost_nothing() -> None:
    run = LayerRun(TEXT, [A, P, np.array([[2.0, 0.0], [3.0, 0.0]])])
    assert run.forward()[0] == 0
    assert not any(np.any(gradient) for gradient in run.backward())


def test_worked_numbers() -> None:
    run = LayerRun(TEXT, [A, P, np.array([[1.0, 1.0], [1.0, 0.5]])])
    assert run.forward()[0] == pytest.approx(0.4875)
    da, dp, dn = run.backward()
    np.testing.assert_allclose(da, [[0, 0.5], [0, -0.25]])
    np.testing.assert_allclose(dp, [[0.5, 0], [0, 0.5]])
    np.testing.assert_allclose(dn, [[-0.5, -0.5], [0, -0.25]])


def test_shapes_differ() -> None:
    with pytest.raises(UserError, match=r"bottom 'a' is \(2, 2\), bottom 'n' is \(2, 3\)"):
        LayerRun(TEXT, [A, P, np.zeros((2, 3))])


@pytest.mark.parametrize("option", ["mining: HARD", "squared: false"])
def test_what_is_not_done_is_refused(option: str) -> None:
    with pytest.raises(UserError, match=option.replace(": ", " ")):
        LayerRun(TEXT.replace("alpha: 1.1", option), [A, P, A])


def test_margin_wins_over_alpha() -> None:
    run = LayerRun(TEXT.replace("alpha: 1.1", "alpha: 1.1 margin: 0.5"), [A, P, P])
    assert run.forward()[0] == 0.25
