"""Accuracy, AccuracyEncoding and AccuracyDecode: ties, ignored labels, what is not known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun
from tests.reference import softmax as reference


def _run(kind: str, bottoms: list[Any], options: str = "", tops: str = "", **more: Any) -> LayerRun:
    text = (
        f'layer {{ name: "accuracy" type: "{kind}" bottom: "x" bottom: "label" top: "accuracy" '
        f"{tops}\naccuracy_param {{ {options} }} }}"
    )
    return LayerRun(text, bottoms, phase=pb.TEST, **more)


@pytest.mark.parametrize("top_k", [1, 2])
@pytest.mark.parametrize(("axis", "shape"), [(1, (8, 4)), (1, (2, 4, 3, 3)), (-1, (2, 3, 4))])
def test_equals_reference(axis: int, shape: tuple[int, ...], top_k: int) -> None:
    rng = np.random.default_rng(0)
    # Whole numbers, so that there are ties.
    x = rng.integers(0, 5, shape)
    labels = rng.integers(0, 4, np.delete(shape, axis))
    options = f"axis: {axis} top_k: {top_k} ignore_label: 2"
    overall, each = _run("Accuracy", [x, labels], options, 'top: "each"').forward()
    wanted, wanted_each = reference.accuracy(x, labels, axis % len(shape), top_k, {2})
    assert overall == pytest.approx(wanted)
    np.testing.assert_allclose(each, wanted_each)
    assert 0 < wanted < 1


def test_ties_and_nan_count_against() -> None:
    constant = _run("Accuracy", [np.ones((3, 2)), np.array([0, 1, 0])])
    assert constant.forward()[0] == 0
    broken = _run("Accuracy", [np.full((3, 2), np.nan), np.array([0, 1, 0])])
    assert broken.forward()[0] == 0


def test_nothing_counted_is_zero_as_in_caffe() -> None:
    run = _run("Accuracy", [np.ones((3, 2)), np.ones(3)], "ignore_label: 1")
    assert run.forward()[0] == 0


def test_label_out_of_range_names_row_and_range() -> None:
    run = _run("Accuracy", [np.ones((3, 2)), np.array([0, 1, 2])])
    with pytest.raises(
        UserError, match=r"'accuracy' .*row 2 of bottom 'label' holds label 2.*0 to 1"
    ):
        run.forward()


@pytest.mark.parametrize("top_k", [0, 3])
def test_top_k_out_of_range(top_k: int) -> None:
    with pytest.raises(UserError, match=f"test.prototxt:2: .*top_k {top_k}; 1 to 2"):
        _run("Accuracy", [np.ones((3, 2)), np.zeros(3)], f"top_k: {top_k}")


def test_labels_of_another_shape() -> None:
    with pytest.raises(UserError, match=r"bottom 'label' is \(3, 2\).*needs 3 labels"):
        _run("Accuracy", [np.ones((3, 4)), np.zeros((3, 2))])


CENTROIDS = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
ENCODINGS = np.array([[0.5, 0], [3, 0], [0, 3], [3.9, 0]])
NEAREST = [0, 1, 2, 1]


def _encoding(labels: Any, options: str = "", seen: float = 7) -> LayerRun:
    state = [CENTROIDS.reshape(3, 2, 1, 1), None, np.full((3, 1, 1, 1), seen)]
    return _run("AccuracyEncoding", [ENCODINGS, labels], options, params=state, label_counts=(0, 3))


def _decode(labels: Any, options: str = "", seen: float = 7) -> LayerRun:
    distances = ((ENCODINGS[:, None] - CENTROIDS[None]) ** 2).sum(axis=2)
    if not seen:
        distances[...] = np.finfo(np.float32).max
    return _run("AccuracyDecode", [distances, labels], options)


BOTH = pytest.mark.parametrize("make", [_encoding, _decode])


@BOTH
@pytest.mark.parametrize("columns", [0, 1, 2])
def test_nearest_centroid_of_the_first_label(make: Any, columns: int) -> None:
    labels = np.array([0, 1, 2, 0])
    table = labels if not columns else np.stack([labels, labels * 0][:columns], axis=1)
    assert make(table).forward()[0] == 0.75


@BOTH
def test_ignored_rows_do_not_count(make: Any) -> None:
    labels = np.array([0, 1, 2, 0])
    assert make(labels, "ignore_label: 0").forward()[0] == 1
    assert np.isnan(make(labels * 0, "ignore_label: 0").forward()[0])


def test_further_labels_to_ignore() -> None:
    run = _decode(np.array([0, 1, 2, 0]), "ignore_label: 1 ignore_labels: 2")
    assert run.forward()[0] == 0.5


@BOTH
def test_nothing_is_right_before_there_are_centroids(make: Any) -> None:
    assert make(np.array(NEAREST)).forward()[0] == 1
    assert make(np.array(NEAREST), seen=0).forward()[0] == 0


@BOTH
def test_only_the_nearest_label(make: Any) -> None:
    with pytest.raises(UserError, match="top_k 2"):
        make(np.zeros(4), "top_k: 2")


@BOTH
def test_unknown_label(make: Any) -> None:
    with pytest.raises(UserError, match=r"row 3 of bottom 'label' holds label 3; .*0 to 2"):
        make(np.array([0, 1, 2, 3])).forward()


def test_encoding_accuracy_learns_nothing_from_what_it_scores() -> None:
    """In MyCaffe each test row enters the centroid before it is scored."""
    run = _encoding(np.zeros(4))
    run.forward()
    for before, after in zip(run.values, run.io.params, strict=True):
        np.testing.assert_array_equal(before, after)
    assert layer_types.get("accuracy_encoding").shares_params_with == "Decode"


def test_a_tie_goes_to_the_lower_label() -> None:
    run = _run("AccuracyDecode", [np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0, 1])])
    assert run.forward()[0] == 0.5
