"""SoftmaxWithLoss: divisors, ignored labels, second top, labels out of range."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference import softmax as reference


def _run(options: str, x: Any, labels: Any, tops: str = "") -> LayerRun:
    text = (
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip2" bottom: "label" top: "loss" '
        f"{tops}\n{options} }}"
    )
    return LayerRun(text, [x, labels])


@pytest.fixture
def spatial() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(2, 3, 4, 5)), rng.integers(0, 3, (2, 1, 4, 5))


@pytest.mark.parametrize(
    ("options", "mode"),
    [
        ("", "VALID"),
        ("normalization: FULL", "FULL"),
        ("normalization: VALID", "VALID"),
        ("normalization: BATCH_SIZE", "BATCH_SIZE"),
        ("normalization: NONE", "NONE"),
        ("normalize: true", "VALID"),
        ("normalize: false", "BATCH_SIZE"),
        ("normalize: false normalization: FULL", "FULL"),
    ],
)
def test_divisors(options: str, mode: str, spatial: tuple[Any, Any]) -> None:
    run = _run(f"loss_param {{ ignore_label: 1 {options} }}", *spatial)
    wanted = reference.cross_entropy(*spatial, 1, mode, {1})
    assert run.forward()[0] == pytest.approx(wanted)


def test_weights_of_classes(spatial: tuple[Any, Any]) -> None:
    """SegNet's: a place counts as often as its class says, and the divisor stays."""
    weighting = "class_weighting: 0.5 class_weighting: 9 class_weighting: 2"
    x, labels = spatial
    options = f"loss_param {{ ignore_label: 1 weight_by_label_freqs: true {weighting} }}"
    p = reference.softmax(x, 1)
    total, count = 0.0, 0
    for n, _, h, w in np.ndindex(labels.shape):
        label = labels[n, 0, h, w]
        if label != 1:
            total -= (0.5, 9, 2)[label] * np.log(p[n, label, h, w])
            count += 1
    assert _run(options, x, labels).forward()[0] == pytest.approx(total / count)
    unweighted = _run(f"loss_param {{ ignore_label: 1 {weighting} }}", x, labels)
    assert unweighted.forward()[0] == _run("loss_param { ignore_label: 1 }", x, labels).forward()[0]


def test_a_weight_for_each_class() -> None:
    with pytest.raises(UserError, match="1 values of class_weighting; one for each of the 3"):
        _run(
            "loss_param { weight_by_label_freqs: true class_weighting: 1 }",
            np.ones((2, 3)),
            np.ones(2),
        )


def test_all_ignored_is_zero_without_gradient() -> None:
    run = _run("loss_param { ignore_label: 1 }", np.ones((2, 3)), np.ones(2))
    assert run.forward()[0] == 0
    assert not np.any(run.backward()[0])


def test_second_top_holds_the_probabilities(spatial: tuple[Any, Any]) -> None:
    run = _run("loss_weight: 1", *spatial, 'top: "p"')
    _, p = run.forward()
    np.testing.assert_allclose(p, reference.softmax(spatial[0], 1))


def test_gradient_through_the_second_top_is_added(spatial: tuple[Any, Any]) -> None:
    run = _run("", *spatial, 'top: "p"')
    run.forward()
    dp = np.random.default_rng(1).normal(size=spatial[0].shape)
    zero, one = np.zeros(dp.shape), np.ones(())
    (both, _), (first, _), (second, _) = (
        run.backward(dtops) for dtops in ([one, dp], [one, zero], [0 * one, dp])
    )
    np.testing.assert_allclose(both, np.asarray(first) + np.asarray(second))
    assert np.any(second)


@pytest.mark.parametrize("label", [-1, 3, np.nan, np.inf])
def test_label_out_of_range(label: float) -> None:
    run = _run("loss_param { ignore_label: 7 }", np.ones((3, 3)), np.array([7, 2, label]))
    with pytest.raises(UserError) as caught:
        run.forward()
    assert str(caught.value) == (
        f"test.prototxt:1: layer 'loss' (SoftmaxWithLoss): row 2 of bottom 'label' holds label "
        f"{label:g}; labels run from 0 to 2, because bottom 'ip2' has 3 scores on axis 1; "
        "ignored: 7. Correct the labels, the number of classes or the ignored labels."
    )


def test_labels_of_another_shape() -> None:
    with pytest.raises(UserError, match=r"bottom 'label' is \(3, 2\).*needs 3 labels"):
        _run("", np.ones((3, 4)), np.zeros((3, 2)))


def test_axis_that_does_not_exist() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: .*axis 2 does not exist"):
        _run("softmax_param { axis: 2 }", np.ones((3, 4)), np.zeros(3))
