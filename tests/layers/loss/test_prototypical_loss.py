"""PrototypicalLoss: worked numbers, the paper's loops, what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.prototypical import prototypical


def _text(options: str = "", tops: str = "") -> str:
    return (
        'layer { name: "loss" type: "PrototypicalLoss" bottom: "x" bottom: "label" top: "loss" '
        f"{tops} prototypical_loss_param {{ {options} }} }}"
    )


def _batch(seed: int, classes: int = 4, each: int = 5) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    labels = random.permutation(np.repeat(np.arange(classes) * 7, each)).astype(float)
    return random.normal(size=(classes * each, 3)), labels


def test_worked_numbers() -> None:
    """Prototypes at 0 and 2, a query at 0.5: squared distances 0.25 and 2.25."""
    x = np.array([[0.0], [2.0], [0.5]])
    run = LayerRun(_text(tops='top: "accuracy"'), [x, np.array([3.0, 8.0, 3.0])])
    loss, accuracy = run.forward()
    assert loss == pytest.approx(math.log(1 + math.exp(-2)))
    assert accuracy == 1
    wrong = 1 / (1 + math.exp(2))
    # g of the two prototypes is -wrong and wrong: -2 (-wrong * 0.5 + wrong * -1.5) = 4 wrong.
    np.testing.assert_allclose(run.backward()[0], [[-wrong], [-3 * wrong], [4 * wrong]], rtol=1e-6)


@pytest.mark.parametrize("shots", [1, 2, 4])
@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_against_the_paper(shots: int, scale: float) -> None:
    x, labels = _batch(shots)
    run = LayerRun(_text(f"shots: {shots} scale: {scale}", 'top: "accuracy"'), [x, labels])
    assert tuple(map(float, run.forward())) == pytest.approx(
        prototypical(x, labels, shots, np.float32(scale)), rel=1e-6
    )


def test_the_numbers_of_the_labels_do_not_count() -> None:
    x, labels = _batch(1)
    first, other = (LayerRun(_text(), [x, some]).forward()[0] for some in (labels, 3 * labels + 5))
    assert first == other


def test_without_a_query_nothing_is_learned_and_no_accuracy_is_claimed() -> None:
    x, labels = _batch(1)
    run = LayerRun(_text("shots: 5", 'top: "accuracy"'), [x, labels])
    loss, accuracy = run.forward()
    assert loss == 0
    assert np.isnan(accuracy)
    assert not np.any(run.backward()[0])


@pytest.mark.parametrize(
    ("options", "rows", "told"),
    [
        ("shots: 0", 6, "shots is 0; 1 or more rows make a prototype"),
        ("scale: 0", 6, "scale is 0; a number above 0"),
        ("scale: inf", 6, "scale is inf; a number above 0"),
        ("", 5, "is (6, 3), bottom 'label' is (5,); each row of features needs a label"),
    ],
)
def test_refused(options: str, rows: int, told: str) -> None:
    with pytest.raises(UserError) as caught:
        LayerRun(_text(options), [np.zeros((6, 3)), np.zeros(rows)])
    assert told in str(caught.value)


def test_a_fraction_is_no_label() -> None:
    with pytest.raises(UserError, match=r"0\.5"):
        LayerRun(_text(), [np.zeros((2, 3)), np.array([0.0, 0.5])]).forward()
