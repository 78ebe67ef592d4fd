"""Decode: how centroids are learned, completed, shown, and what KNN and PREGEN do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.metric.decode import spread_points
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun
from tests.reference import centroids as reference

HUGE = float(np.finfo(np.float32).max)


def _decode(options: str, batch: Any, labels: Any = None, **settings: Any) -> LayerRun:
    bottoms = [batch] if labels is None else [batch, labels]
    names = " ".join(f'bottom: "{n}"' for n in ("feat", "sim")[: len(bottoms)])
    text = (
        f'layer {{ name: "decode1" type: "Decode" {names} top: "decode1" top: "centroids"\n'
        f"decode_param {{ {options} }} }}"
    )
    return LayerRun(text, bottoms, **settings)


def _next(run: LayerRun, batch: Any, labels: Any) -> list[Any]:
    """One more batch: the state of the last forward is where this one starts."""
    run.values = [value.copy() for value in run.io.params]
    run.inputs[0][...] = batch
    run.inputs[1][...] = labels
    return run.forward()


def test_each_item_of_one_label() -> None:
    """Worked numbers: batch 2, cache_size 2, so cap 4; encodings 1 ... 6.

    MyCaffe starts with 1/cap of the first item and comes to 0.25, 1.125, 1.75, 2.3125 ..., and
    needs a fifth item to be complete.
    """
    run = _decode("cache_size: 2 label_count: 1", np.array([[1.0], [2.0]]), np.zeros((2, 1)))
    run.forward()
    seen = [(run.io.params[0].item(), run.io.params[1].item())]
    for batch in ([[3.0], [4.0]], [[5.0], [6.0]]):
        _next(run, batch, 0)
        seen.append((run.io.params[0].item(), run.io.params[1].item()))
    assert seen == [(1.5, 0), (2.5, 1), (2.5 * 9 / 16 + 5 * 3 / 16 + 6 / 4, 1)]
    assert run.io.params[2].item() == 6


def test_no_weight_leaks_from_label_to_label() -> None:
    """Worked numbers: labels 0, 0, 1, 1; cap 8. MyCaffe: 1.5625 and 7.5."""
    batch = np.array([[1.0], [3.0], [10.0], [10.0]])
    run = _decode("cache_size: 2 label_count: 2", batch, np.array([0, 0, 1, 1]))
    run.forward()
    assert run.io.params[0].reshape(-1).tolist() == [2.0, 10.0]


def test_distances_are_to_the_centroids_after_the_batch() -> None:
    rng = np.random.default_rng(0)
    batch, labels = rng.normal(size=(6, 3)), np.array([0, 2, 2, 0, 0, 2])
    run = _decode("label_count: 4", batch, labels)
    distances, centroids = run.forward()
    points = [
        batch[labels == label].mean(axis=0) if label in labels else None for label in range(4)
    ]
    wanted = reference.squared_distances(batch, points)
    np.testing.assert_allclose(distances, np.where(np.isinf(wanted), HUGE, wanted))
    assert not centroids.any()


def test_only_the_first_label_of_a_pair_counts() -> None:
    batch = np.array([[1.0], [5.0]])
    run = _decode("label_count: 2", batch, np.array([[0, 1], [1, 0]]))
    run.forward()
    assert run.io.params[0].reshape(-1).tolist() == [1.0, 5.0]


@pytest.mark.parametrize("phase", [pb.TEST])
def test_outside_training_nothing_moves(phase: int) -> None:
    run = _decode("label_count: 2", np.ones((2, 1)), np.array([0, 1]), phase=phase)
    distances, _ = run.forward()
    assert not any(array.any() for array in run.io.params)
    assert (distances == HUGE).all()


def test_update_switched_off() -> None:
    state = [np.array([1.0, 5.0]).reshape(2, 1, 1, 1), None, np.ones((2, 1, 1, 1))]
    run = _decode(
        "label_count: 2 enable_centroid_update: false",
        np.array([[2.0], [2.0]]),
        np.array([0, 1]),
        params=state,
    )
    distances, centroids = run.forward()
    assert distances.tolist() == [[1, 9], [1, 9]]
    assert centroids.reshape(-1).tolist() == [1, 5]
    assert run.io.params[1].reshape(-1).tolist() == [1, 1]


def test_centroids_are_shown_when_complete_and_late_enough() -> None:
    """They depend on saved state only, so a resumed run shows them at the same batch."""
    options = "label_count: 2 cache_size: 1 centroid_output_iteration: 3"
    batch, labels = np.array([[1.0], [5.0]]), np.array([0, 1])
    run = _decode(options, batch, labels)
    shown = [run.forward()[1].any()]
    shown += [_next(run, batch, labels)[1].any() for _ in range(3)]
    assert shown == [False, False, True, True]
    resumed = _decode(options, batch, labels, params=[p.copy() for p in run.io.params])
    assert resumed.forward()[1].any()


def test_ignored_labels_neither_learn_nor_win() -> None:
    options = (
        "label_count: 3 cache_size: 1 centroid_output_iteration: 0 ignore_label: 1 ignore_label: 7"
    )
    batch, labels = np.array([[1.0], [5.0], [9.0], [1.0]]), np.array([0, 1, 7, 2])
    run = _decode(options, batch, labels)
    distances, _ = run.forward()
    assert (distances[:, 1] == HUGE).all()
    assert run.io.params[2].reshape(-1).tolist() == [1, 0, 1]
    for _ in range(3):
        _, centroids = _next(run, batch, labels)
    assert centroids.reshape(-1).tolist() == [1, 0, 1]


def test_label_out_of_range() -> None:
    run = _decode("label_count: 2", np.ones((3, 1)), np.array([0, 1, 2]))
    with pytest.raises(UserError) as caught:
        run.forward()
    assert str(caught.value) == (
        "test.prototxt:1: layer 'decode1' (Decode): row 2 of bottom 'sim' holds label 2; labels "
        "run from 0 to 1, because there are centroids for 2 labels. Correct the labels, the number "
        "of classes or the ignored labels."
    )


def test_number_of_labels_is_that_of_the_weights_first() -> None:
    batch, labels = np.ones((2, 3)), np.zeros(2)
    stored = ((5, 3, 1, 1), (5, 1, 1, 1), (5, 1, 1, 1))
    for options, known, counts, wanted in [
        ("label_count: 4", stored, (0, 6), 5),
        ("label_count: 4", ((5, 9, 1, 1),), (0, 6), 4),
        ("label_count: 4", None, (0, 6), 4),
        ("", None, (0, 6), 6),
    ]:
        run = _decode(options, batch, labels, stored=known, label_counts=counts)
        assert run.plan.tops[0].shape == (2, wanted)
        assert run.plan.params[0].shape == (wanted, 3, 1, 1)


def test_number_of_labels_not_known() -> None:
    with pytest.raises(UserError, match=r"number of labels is not known.*Set decode_param"):
        _decode("", np.ones((2, 3)), phase=pb.TEST)


def test_training_needs_labels() -> None:
    with pytest.raises(UserError, match="no labels"):
        _decode("label_count: 2", np.ones((2, 3)))


def test_knn_is_the_mean_of_the_nearest_of_earlier_batches() -> None:
    rng = np.random.default_rng(1)
    batches = rng.normal(size=(4, 4, 2))
    labels = np.array([0, 0, 1, 1])
    run = _decode("target: KNN label_count: 3 cache_size: 1 k: 3", batches[0], labels)
    distances, _ = run.forward()
    assert (distances == HUGE).all()
    for batch in batches[1:]:
        distances, _ = _next(run, batch, labels)
    for label in range(2):
        # Room for 4 items a label; two a batch: the rows of the two batches before this one.
        kept = batches[1:3][:, labels == label].reshape(-1, 2)
        wanted = [reference.nearest_mean(row, kept, 3) for row in batches[3]]
        np.testing.assert_allclose(distances[:, label], wanted)
    assert (distances[:, 2] == HUGE).all()
    assert run.io.params[1].reshape(-1).tolist() == [1, 1, 0]


def test_knn_takes_its_room_from_the_weights() -> None:
    stored = ((2, 3, 1, 1), (2, 1, 1, 1), (2, 1, 1, 1), (2, 640, 3, 1))
    run = _decode("target: KNN", np.ones((1, 3)), phase=pb.TEST, stored=stored)
    assert run.plan.params[3].shape == (2, 640, 3, 1)


def test_pregenerated_targets_lie_apart_and_stay() -> None:
    options = "target: PREGEN pregen_alpha: 2 pregen_label_count: 10"
    run = _decode(options, np.zeros((2, 2)), np.zeros(2))
    distances, shown = run.forward()
    points = shown.reshape(10, 2)
    gaps = reference.squared_distances(points, list(points))
    assert gaps[~np.eye(10, dtype=bool)].min() > 4
    assert (distances < HUGE).all()
    _, again = _next(run, np.ones((2, 2)), np.ones(2))
    np.testing.assert_array_equal(shown, again)
    other = _decode(options, np.zeros((2, 2)), np.zeros(2), seed=2).forward()[1]
    assert (other != shown).any()


def test_a_single_target() -> None:
    points = spread_points(1, 3, 2.0, np.random.default_rng(0))
    assert points.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    "options",
    ["cache_size: 0", "k: 0", "target: PREGEN pregen_alpha: 0", "centroid_output_iteration: -1"],
)
def test_options_out_of_range(options: str) -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: "):
        _decode(f"label_count: 2 {options}", np.ones((2, 3)), np.zeros(2))


def test_a_label_that_is_no_whole_number_enters_no_centroid() -> None:
    run = _decode("label_count: 4", np.zeros((3, 2)), np.array([0, 2.7, 1]))
    with pytest.raises(UserError, match=r"row 1 of bottom 'sim' holds label 2.7; .*whole numbers"):
        run.forward()
