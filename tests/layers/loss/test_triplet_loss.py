"""TripletLoss: worked numbers, each form against loops, equal rows, what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun
from tests.reference import triplet as reference

TEXT = (
    'layer { name: "loss" type: "TripletLoss" bottom: "a" bottom: "p" bottom: "n" top: "loss" '
    "triplet_loss_param { alpha: 1.1 } }"
)
MINED = TEXT.replace('bottom: "a" bottom: "p" bottom: "n"', 'bottom: "x" bottom: "label"')
A = np.array([[0.0, 0.0], [1.0, 0.0]])
P = np.array([[1.0, 0.0], [1.0, 1.0]])


def _with(options: str, text: str = TEXT) -> str:
    return text.replace("alpha: 1.1", options)


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


def test_normalization_changes_nothing_and_the_weight_scales_gradients() -> None:
    """As in MyCaffe, whose template asks for VALID."""
    bottoms = [A, P, np.array([[1.0, 1.0], [1.0, 0.5]])]
    text = TEXT.replace(
        "triplet_loss_param", "loss_param { normalization: NONE } triplet_loss_param"
    )
    plain, other = LayerRun(TEXT, bottoms), LayerRun(text, bottoms, loss_weight=3.0)
    assert other.forward() == plain.forward()
    for found, wanted in zip(other.backward(), plain.backward(), strict=True):
        np.testing.assert_allclose(found, 3 * wanted)


def test_lossless_of_one_triplet() -> None:
    """N 2: |a - p|^2 = 0.5 and |a - n|^2 = 1, so -ln(1 - 0.25) - ln(1 - 0.5)."""
    bottoms = [np.array([row]) for row in ([0.0, 0.0], [0.5, 0.5], [1.0, 0.0])]
    run = LayerRun(_with("variant: LOSSLESS"), bottoms)
    assert run.forward()[0] == pytest.approx(-math.log(0.75) - math.log(0.5), rel=1e-7)


@pytest.mark.parametrize("mining", reference.SEARCHES)
@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mining_equals_reference(mining: str, squared: bool, lossless: bool, dtype: Any) -> None:
    random = np.random.default_rng(9)
    x = random.uniform(size=(12, 3)).astype(dtype)
    labels = random.integers(0, 4, 12)
    variant = "LOSSLESS" if lossless else "STANDARD"
    options = f"mining: {mining} variant: {variant} squared: {squared} margin: 0.3"
    run = LayerRun(_with(options, MINED), [x, labels], dtype=dtype)
    wanted = reference.SEARCHES[mining](x, labels, reference.Form(squared, lossless, 0.3))
    assert run.forward()[0] == pytest.approx(wanted, rel=1e-6 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("mining", reference.SEARCHES)
@pytest.mark.parametrize("variant", ["STANDARD", "LOSSLESS"])
def test_equal_rows_make_no_nan(mining: str, variant: str) -> None:
    """All distances are 0, where |x - y| has no slope."""
    options = f"mining: {mining} variant: {variant} squared: false"
    run = LayerRun(_with(options, MINED), [np.full((4, 3), 0.5), [0, 0, 1, 1]])
    assert np.isfinite(run.forward()[0])
    assert not run.backward()[0].any()


def test_equal_given_rows_make_no_nan() -> None:
    run = LayerRun(_with("squared: false"), [A, A, A])
    assert run.forward()[0] == pytest.approx(1.1 / 2)
    assert not any(np.any(gradient) for gradient in run.backward())


def test_ignored_rows_take_no_part() -> None:
    random = np.random.default_rng(2)
    x, labels = random.normal(size=(8, 2)), np.array([0, 1, 7, 0, 1, 7, 0, 1])
    text = _with("mining: BATCH_ALL", MINED).replace(
        "triplet_loss_param", "loss_param { ignore_label: 7 } triplet_loss_param"
    )
    run = LayerRun(text, [x, labels])
    kept = labels != 7
    wanted = reference.batch_all(x[kept], labels[kept], reference.Form())
    assert run.forward()[0] == pytest.approx(wanted)
    assert not run.backward()[0][~kept].any()


def test_margin_wins_over_alpha() -> None:
    run = LayerRun(_with("alpha: 1.1 margin: 0.5"), [A, P, P])
    assert run.forward()[0] == 0.25


def test_only_labels_get_no_gradient() -> None:
    run = LayerRun(_with("mining: BATCH_HARD", MINED), [A, [0, 1]])
    assert [g is None for g in run.io.dbottoms] == [False, True]
    text = TEXT.replace('bottom: "n"', 'bottom: "n" bottom: "labels"')
    run = LayerRun(text, [A, P, P, np.zeros((2, 3))])
    assert [g is None for g in run.io.dbottoms] == [False, False, False, True]


@pytest.mark.parametrize(
    ("text", "bottoms", "message"),
    [
        (TEXT, [A, P, np.zeros((2, 3))], r"bottom 'a' is \(2, 2\), bottom 'n' is \(2, 3\)"),
        (MINED, [A, [0, 1]], "2 bottoms.*mining: BATCH_HARD"),
        (_with("mining: BATCH_ALL"), [A, P, A], "3 bottoms.*features and labels"),
        (_with("mining: BATCH_ALL", MINED), [A, [0, 1, 2]], "a label for each row"),
        (_with("variant: LOSSLESS epsilon: 0"), [A, P, A], "epsilon 0"),
        (_with("variant: LOSSLESS beta: 1.5"), [A, P, A], "beta 1.5.*2 or more"),
    ],
)
def test_what_cannot_be_is_refused(text: str, bottoms: list[Any], message: str) -> None:
    with pytest.raises(UserError, match=message.replace(".*", r"[\s\S]*")):
        LayerRun(text, bottoms)


@pytest.mark.parametrize("mining", ["NONE", "BATCH_ALL"])
def test_lossless_says_that_encodings_lie_outside(mining: str) -> None:
    text, bottoms = (TEXT, [A, 4 * P, A]) if mining == "NONE" else (MINED, [4 * P, [0, 0]])
    if mining != "NONE":
        bottoms = [np.array([[0.0, 0.0], [4.0, 4.0], [1.0, 1.0]]), [0, 0, 1]]
    run = LayerRun(_with(f"variant: LOSSLESS mining: {mining}", text), bottoms)
    with pytest.raises(UserError, match=r"encodings from 0 to 4[\s\S]*Sigmoid"):
        run.forward()


def test_old_words_for_mining_are_gone() -> None:
    assert pb.TripletLossParameter.Mining.keys() == ["NONE", *reference.SEARCHES]


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        (20000001, "20000000; .*exact below 16777216"),
        (2.7, "2.7; .*whole"),
        (np.nan, "nan; .*whole"),
    ],
)
def test_mined_labels_that_are_not_exact_are_refused(label: float, wanted: str) -> None:
    labels = np.array([0, 0, label, 1])
    run = LayerRun(_with("mining: BATCH_ALL", MINED), [np.eye(4), labels], dtype=np.float32)
    with pytest.raises(UserError, match=f"row 2 of bottom 'label' holds label {wanted}"):
        run.forward()
