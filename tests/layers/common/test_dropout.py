"""Dropout: how much falls, that masks follow from names, and the ratios allowed."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun


def _run(ratio: float, name: str = "drop", **settings: int) -> LayerRun:
    text = (
        f'layer {{ name: "{name}" type: "Dropout" bottom: "x" top: "y"\n'
        f"dropout_param {{ dropout_ratio: {ratio} }} }}"
    )
    return LayerRun(text, [np.ones((100, 100))], **settings)  # type: ignore[arg-type]


def test_part_that_falls_and_mean() -> None:
    (y,) = _run(0.3).forward()
    # 10,000 draws: a standard deviation of 0.0046.
    assert np.mean(y == 0) == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)


def test_gradient_uses_the_mask_of_the_forward() -> None:
    run = _run(0.3)
    (y,) = run.forward()
    (dx,) = run.backward([np.ones((100, 100))])
    np.testing.assert_array_equal(dx, y)


def test_masks_differ_by_batch_layer_and_seed_only() -> None:
    (y,) = _run(0.5).forward()
    np.testing.assert_array_equal(y, _run(0.5).forward()[0])
    for other in (_run(0.5, batch_number=1), _run(0.5, name="other"), _run(0.5, seed=2)):
        assert (other.forward()[0] != y).any()


@pytest.mark.parametrize(("ratio", "phase"), [(0.0, pb.TRAIN), (0.5, pb.TEST)])
def test_nothing_falls(ratio: float, phase: int) -> None:
    run = _run(ratio, phase=phase)
    assert (run.forward()[0] == 1).all()
    assert not run.plan.scratch


def _forked(options: str, phase: int) -> np.ndarray:
    text = (
        'layer { name: "drop" type: "Dropout" bottom: "x" top: "y"\n'
        f"dropout_param {{ dropout_ratio: 0.3 {options} }} }}"
    )
    return LayerRun(text, [np.ones((100, 100))], phase=phase).forward()[0]


@pytest.mark.parametrize(
    ("options", "phase", "kept"),
    [
        ("scale_train: false", pb.TRAIN, 1),
        ("sample_weights_test: true", pb.TEST, 1 / 0.7),
        ("sample_weights_test: true scale_train: false", pb.TEST, 1),
    ],
)
def test_what_forks_drop(options: str, phase: int, kept: float) -> None:
    y = _forked(options, phase)
    assert np.mean(y == 0) == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(y[y != 0], kept, rtol=1e-6)


def test_without_scaling_in_train_test_is_scaled() -> None:
    """caffe-fast-rcnn's nets are right only so: their weights are for values times 1 - ratio."""
    np.testing.assert_allclose(_forked("scale_train: false", pb.TEST), 0.7, rtol=1e-6)


@pytest.mark.parametrize("ratio", [-0.1, 1, 1.5])
def test_ratio_out_of_range(ratio: float) -> None:
    with pytest.raises(UserError, match=f"test.prototxt:2: .*dropout_ratio {ratio:g}"):
        _run(ratio)
