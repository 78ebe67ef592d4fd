"""SigmoidCrossEntropyLoss: divisors, ignored targets, shapes."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import class_losses as reference

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 4))
T = np.array([[0, 1, 0.3, 1.2], [1, 0, 0, 1], [0.9, 0, 1, 1]])


def _run(options: str, x: object = X, t: object = T) -> LayerRun:
    text = (
        'layer { name: "loss" type: "SigmoidCrossEntropyLoss" bottom: "x" bottom: "t" top: "loss"\n'
        f"loss_param {{ {options} }} }}"
    )
    return LayerRun(text, [np.asarray(x), np.asarray(t)])


@pytest.mark.parametrize(
    ("options", "divisor"),
    [
        ("", 3),
        ("normalization: VALID", 6),
        ("normalization: FULL", 12),
        ("normalization: NONE", 1),
        ("normalize: true", 6),
        ("normalize: false", 3),
        ("normalize: true normalization: BATCH_SIZE", 3),
    ],
)
def test_divisors(options: str, divisor: int) -> None:
    """Six targets are 1 before their fraction and left out, 1.2 too."""
    counted = T.astype(int) != 1
    wanted = reference.sigmoid_cross_entropy(X.ravel(), T.ravel(), counted.ravel()) / divisor
    run = _run(f"ignore_label: 1 {options}")
    assert run.forward()[0] == pytest.approx(wanted)


def test_all_ignored_is_zero_without_gradient() -> None:
    run = _run("ignore_label: 2 normalization: VALID", X, np.full((3, 4), 2.5))
    assert run.forward()[0] == 0
    assert not np.any(run.backward()[0])


def test_as_many_targets_as_scores() -> None:
    with pytest.raises(UserError) as caught:
        _run("", X, np.ones((3, 3)))
    assert str(caught.value) == (
        "test.prototxt:1: layer 'loss' (SigmoidCrossEntropyLoss): bottom 't' is (3, 3); one target "
        "for each score of bottom 'x' (3, 4)."
    )
