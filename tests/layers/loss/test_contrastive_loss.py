"""ContrastiveLoss: worked numbers, MyCaffe's options, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.loss.contrastive_options import TWO_BOTTOMS
from tests.layers.harness import LayerRun

A = np.array([[0, 0], [3, 4], [0, 0], [1, 1]])
B = np.array([[1, 0], [0, 0], [0.5, 0], [1, 4]])
SIM = np.array([1, 1, 0, 0])


def _run(options: str, bottoms: list[Any], tops: str = "", **settings: Any) -> LayerRun:
    names = " ".join(
        f'bottom: "{n}"' for n in ("feat", "feat_p", "sim", "centroids")[: len(bottoms)]
    )
    text = (
        f'layer {{ name: "loss" type: "ContrastiveLoss" {names} top: "loss" {tops}\n'
        f"contrastive_loss_param {{ {options} }} }}"
    )
    return LayerRun(text, bottoms, **settings)


# The legacy row 3 is the gradient of the loss, as on Caffe's CPU: -(a - b) / 4.
# Caffe on the GPU, and MyCaffe, have -1/4 in every feature.
@pytest.mark.parametrize(
    ("options", "loss", "third"),
    [
        ("margin: 2", 3.53125, [0.374925015, 0]),
        ("margin: 2 legacy_version: true", 3.46875, [0.125, 0]),
        ("margin: 1", 3.28125, [0.124975005, 0]),
    ],
)
def test_worked_numbers(options: str, loss: float, third: list[float]) -> None:
    run = _run(f"{options} output_matches: true", [A, B, SIM], 'top: "match"')
    found, match = run.forward()
    assert found == pytest.approx(loss)
    assert match.tolist() == [1, 0, 0, 1]
    da, db, none = run.backward()
    assert none is None
    np.testing.assert_allclose(da, [[-0.25, 0], [0.75, 1], third, [0, 0]], rtol=1e-7)
    np.testing.assert_array_equal(db, -np.asarray(da))


@pytest.mark.parametrize(
    "sim",
    [
        SIM,
        SIM[:, None],
        SIM[:, None, None, None],
        # Labels: similar when all are equal.
        np.array([[3, 3], [0, 0], [1, 2], [0, 9]]),
        np.array([[3, 3, 3], [0, 0, 0], [1, 1, 2], [0, 9, 0]]),
    ],
)
def test_similar_by_flag_or_by_labels(sim: Any) -> None:
    run = _run("margin: 2", [A, B, sim])
    assert run.forward()[0] == pytest.approx(3.53125)
    np.testing.assert_allclose(run.backward()[0][1], [0.75, 1])


@pytest.mark.parametrize("flag", [0.3, -1, 2, np.nan, np.inf])
def test_a_flag_that_is_neither_0_nor_1_is_refused_with_its_row(flag: float) -> None:
    run = _run("margin: 2", [A, B, np.array([1, 0, flag, 0])])
    with pytest.raises(UserError, match=rf"row 2 of bottom 'sim' holds {flag:g}; .* is 1 for a"):
        run.forward()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_labels_that_single_precision_cannot_tell_apart_are_refused(dtype: Any) -> None:
    labels = np.array([[1, 1], [1, 2], [3, 3], [16777216, 16777217]])
    run = _run("margin: 2", [A, B, labels], dtype=dtype)
    if dtype is np.float64:
        assert run.forward()[0] == pytest.approx((1 + 0.5**2) / 8)
        return
    with pytest.raises(UserError, match=r"row 3 of bottom 'sim' holds label 16777216; .*32 bits"):
        run.forward()


def test_a_label_that_is_no_whole_number_is_refused() -> None:
    run = _run("margin: 2", [A, B, np.array([[1, 1], [0.5, 0.5], [3, 3], [4, 4]])])
    with pytest.raises(UserError, match=r"row 1 of bottom 'sim' holds label 0.5; .*whole numbers"):
        run.forward()


def test_soft_labels_weigh_both_costs() -> None:
    run = _run("margin: 2 soft_labels: true", [A, B, np.array([1, 0.5, 0.2, 0])], 'top: "match"')
    # Squared distances 1, 25, 0.25 and 9; the gaps to the margin are 1, 0, 1.5 and 0.
    loss, match = run.forward()
    assert loss == pytest.approx((1 + 0.5 * 25 + 0.2 * 0.25 + 0.8 * 1.5**2) / 8)
    assert match.tolist() == [1, 0, 0, 1]
    da, db, _ = run.backward()
    third = 0.25 * (0.2 - 0.8 * 1.5 / 0.5001) * -0.5
    np.testing.assert_allclose(da, [[-0.25, 0], [0.375, 0.5], [third, 0], [0, 0]], rtol=1e-7)
    np.testing.assert_array_equal(db, -np.asarray(da))


def test_soft_labels_of_0_and_1_are_flags() -> None:
    soft, hard = (_run(f"margin: 2 {o}", [A, B, SIM]) for o in ("soft_labels: true", ""))
    assert soft.forward() == hard.forward()
    np.testing.assert_array_equal(soft.backward()[0], hard.backward()[0])


@pytest.mark.parametrize("share", [-0.1, 1.5, np.nan])
def test_a_similarity_outside_0_to_1_is_refused(share: float) -> None:
    run = _run("soft_labels: true", [A, B, np.array([1, share, 0, 0])])
    with pytest.raises(UserError, match=f"row 1 of bottom 'sim' holds {share:g}; .*from 0"):
        run.forward()


def test_soft_labels_are_no_class_labels() -> None:
    with pytest.raises(UserError, match=r"2: .*soft_labels with labels \(4, 2\)"):
        _run("soft_labels: true", [A, B, np.zeros((4, 2))])
    with pytest.raises(UserError, match="soft_labels with two bottoms of labels"):
        _run("soft_labels: true", [A, B, np.zeros(4), np.zeros(4)])


def test_four_bottoms_are_alike_where_the_labels_are() -> None:
    """happynear's fork: feat, feat_p, label, label_p; label 7 is no flag there."""
    a, b = np.zeros((2, 2)), np.array([[3.0, 4], [3, 4]])
    run = _run("margin: 1", [a, b, np.array([7, 7]), np.array([7, 8])])
    assert run.forward()[0] == 6.25
    da, db, *rest = run.backward()
    assert da.tolist() == [[-1.5, -2], [0, 0]]
    assert db.tolist() == [[1.5, 2], [0, 0]]
    assert rest == [None, None]


@pytest.mark.parametrize(
    ("labels", "fourth", "alike"),
    [
        # (label of a, label of b) in any shape of one value a row.
        (np.array([[0], [1]]), np.array([0, 0]), True),
        (np.array([0, 1]), np.array([[[[0]]], [[[0]]]]), False),
        # Of one feature a label there are centroids of that very shape: those of two classes.
        (np.array([1, 0]), np.array([5.0, 6]).reshape(2, 1, 1, 1), False),
    ],
)
def test_a_fourth_bottom_is_told_by_its_shape(labels: Any, fourth: Any, alike: bool) -> None:
    run = _run("margin: 1", [np.array([[0.0], [0]]), np.array([[2.0], [2]]), labels, fourth])
    # By labels the first pair alone is alike (4 / 4); by flags (0, 1) or (1, 0) it is one as well.
    assert run.forward()[0] == 1
    assert (run.io.facts.similarity == TWO_BOTTOMS) == alike


@pytest.mark.parametrize(
    ("labels", "fourth"),
    [(np.zeros(4), np.zeros(3)), (np.zeros((4, 2)), np.zeros((4, 2))), (np.zeros(4), np.zeros(()))],
)
def test_a_fourth_bottom_that_is_neither_is_refused(labels: Any, fourth: Any) -> None:
    with pytest.raises(UserError, match=r"bottom 'centroids' is .*; the labels of bottom 'feat_p'"):
        _run("margin: 1", [A, B, labels, fourth])


def test_match_is_filled_without_output_matches() -> None:
    run = _run("margin: 2", [A, B, SIM], 'top: "match"')
    assert run.forward()[1].tolist() == [1, 0, 0, 1]


def test_equal_rows_have_no_gradient_and_no_nan() -> None:
    run = _run("margin: 2", [A, A, np.zeros(4)])
    run.forward()
    assert not np.any(run.backward()[0])


PAIRS = np.array([[0, 0], [1, 1], [0, 1], [1, 0]])
CENTROIDS = np.array([[0.0, 1.0], [2.0, 0.0]]).reshape(2, 2, 1, 1)


@pytest.mark.parametrize(
    ("learning", "replaced"),
    [
        ("MATCHING", [True, True, False, False]),
        ("NONMATCHING", [False, False, True, True]),
        ("ALL", [True] * 4),
    ],
)
def test_centroids_stand_in_for_the_first_branch(learning: str, replaced: list[bool]) -> None:
    run = _run(f"margin: 2 centroid_learning: {learning}", [A, B, PAIRS, CENTROIDS])
    anchor = np.where(np.array(replaced)[:, None], CENTROIDS[PAIRS[:, 0], :, 0, 0], A)
    plain = _run("margin: 2", [anchor, B, PAIRS])
    assert run.forward()[0] == pytest.approx(plain.forward()[0])
    da, db, *_ = run.backward()
    wanted_da, wanted_db, *_ = plain.backward()
    np.testing.assert_allclose(db, wanted_db)
    # MyCaffe gives the replaced rows of a the centroid's gradient; a took no part, so 0.
    np.testing.assert_allclose(da, np.where(np.array(replaced)[:, None], 0, wanted_da))


def test_centroids_of_zero_are_not_there_yet() -> None:
    options = "margin: 2 centroid_learning: ALL matching_distance_scale: 3"
    run = _run(options, [A, B, PAIRS, np.zeros((2, 2, 1, 1))])
    # Nor does matching_distance_scale act before centroid learning does.
    assert run.forward()[0] == pytest.approx(_run("margin: 2", [A, B, PAIRS]).forward()[0])


def test_scale_acts_on_similar_pairs_alone() -> None:
    run = _run("margin: 2 matching_distance_scale: 3", [A, B, SIM], 'top: "match"')
    loss, match = run.forward()
    assert loss == pytest.approx(3.53125 + 2 * (1 + 25) / 8)
    assert match.tolist() == [1, 0, 0, 1]
    np.testing.assert_allclose(run.backward()[0][:2], [[-0.75, 0], [2.25, 3]])


def test_branches_of_different_width() -> None:
    with pytest.raises(UserError, match=r"'feat' is \(4, 2\), bottom 'feat_p' is \(4, 3\)"):
        _run("", [A, np.zeros((4, 3)), SIM])


def test_labels_of_another_batch_size() -> None:
    with pytest.raises(UserError, match=r"bottom 'sim' is \(3,\); bottom 'feat' is \(4, 2\)"):
        _run("", [A, B, np.zeros(3)])


@pytest.mark.parametrize(
    ("bottoms", "message"),
    [
        ([A, B, PAIRS], "centroid_learning without centroids"),
        ([A, B, SIM, CENTROIDS], r"two labels a row, \(4, 2\)"),
        ([A, B, PAIRS, np.zeros((2, 3, 1, 1))], r"centroids \(L, 2\)"),
    ],
)
def test_centroid_learning_needs_labels_and_centroids(bottoms: list[Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        _run("centroid_learning: ALL", bottoms)


def test_label_without_centroid() -> None:
    run = _run("centroid_learning: ALL", [A, B, PAIRS + 1, CENTROIDS])
    with pytest.raises(UserError, match=r"row 1 of bottom 'sim' holds label 2; .* 0 to 1"):
        run.forward()


def test_negative_scale() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: .*matching_distance_scale -1"):
        _run("matching_distance_scale: -1", [A, B, SIM])
