"""MarginInnerProduct by its definition: scores, lambda, both gradients, unit rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.gradient import check
from tests.layers.harness import LayerRun
from tests.reference.class_features import margin_scores

KINDS = ("SINGLE", "DOUBLE", "TRIPLE", "QUADRUPLE")


def _run(bottoms: Any, w: Any, options: str, tops: str = "y", **rest: Any) -> LayerRun:
    names = " ".join(f'bottom: "{name}"' for name in "xl"[: len(bottoms)])
    shown = " ".join(f'top: "{top}"' for top in tops)
    text = (
        f'layer {{ name: "m" type: "MarginInnerProduct" {names} {shown} '
        f"margin_inner_product_param {{ {options} }} }}"
    )
    return LayerRun(text, bottoms, params=[w], **rest)


def _made(rows: int = 40) -> tuple[Any, Any, Any]:
    """Features all around, so that angles lie in each part of psi."""
    random = np.random.default_rng(0)
    return random.normal(size=(rows, 3)), random.integers(0, 4, rows), random.normal(size=(4, 3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("margin", "kind"), [*enumerate(KINDS, 1)])
def test_by_the_definition(margin: int, kind: str, dtype: Any) -> None:
    x, labels, w = _made()
    options = f"num_output: 4 type: {kind} base: 8 gamma: 0.5 power: 2 lambda_min: 0.25"
    run = _run([x, labels], w, options, "yz", dtype=dtype, batch_number=2)
    y, plain = run.forward()
    assert float(plain[0]) == pytest.approx(8 / 2.5**2)
    wanted = margin_scores(x, w, labels, margin, 8 / 2.5**2)
    np.testing.assert_allclose(y, wanted, atol=2e-6 if dtype == np.float32 else 1e-13)


def test_lambda_falls_to_its_least_and_begins_where_it_is_told() -> None:
    found = []
    for iteration, number in ((0, 0), (7, 0), (0, 7), (0, 10**6)):
        options = f"num_output: 4 base: 1000 gamma: 0.12 lambda_min: 5 iteration: {iteration}"
        run = _run(list(_made()[:2]), _made()[2], options, "yz", batch_number=number)
        found.append(float(run.forward()[1][0]))
    assert found == pytest.approx([1000 / 1.12, 1000 / 1.96, 1000 / 1.96, 5])


def test_rows_of_w_come_to_length_1_and_then_stay_to_the_bit() -> None:
    x, labels, w = _made()
    for dtype in (np.float32, np.float64):
        run = _run([x, labels], w, "num_output: 4", dtype=dtype)
        run.forward()
        once = run.io.params[0].copy()
        lengths = np.linalg.norm(once.astype(np.float64), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=4 * np.finfo(dtype).eps)
        run.layer.forward(run.io)
        np.testing.assert_array_equal(run.io.params[0], once)


def test_a_test_net_leaves_w_alone() -> None:
    x, labels, w = _made()
    run = _run([x, labels], w, "num_output: 4", phase=pb.TEST)
    run.forward()
    np.testing.assert_array_equal(run.io.params[0], w)


def test_x_alone_has_plain_scores() -> None:
    x, _, w = _made()
    (y,) = _run([x], w, "num_output: 4 type: QUADRUPLE").forward()
    np.testing.assert_allclose(y, x @ (w / np.linalg.norm(w, axis=1, keepdims=True)).T)


def test_the_gradient_without_margin_is_that_of_a_product() -> None:
    x, labels, w = _made(6)
    run = _run([x, labels], w, "num_output: 4 type: SINGLE")
    random = np.random.default_rng(1)
    dy = random.normal(size=(6, 4))
    run.forward()
    dx, dlabels = run.backward([dy])
    assert dlabels is None
    check(lambda: float((run.forward()[0] * dy).sum()), run.inputs[0], dx)
    np.testing.assert_allclose(run.io.dparams[0], dy.T @ x)


@pytest.mark.parametrize(("margin", "kind"), [*enumerate(KINDS[1:], 2)])
def test_the_margins_gradient_has_its_direction_and_coefficients_of_length_1(
    margin: int, kind: str
) -> None:
    x, labels, w = _made(12)
    unit = w / np.linalg.norm(w, axis=1, keepdims=True)
    run = _run([x, labels], w, f"num_output: 4 type: {kind} base: 3")
    run.forward()
    own = np.eye(4)[labels]
    dx, _ = run.backward([own])
    for m, label in enumerate(labels):
        slope = np.zeros(3)
        for k in range(3):
            ends = []
            for side in (1e-6, -1e-6):
                moved = x[m : m + 1].copy()
                moved[0, k] += side
                ends.append(margin_scores(moved, unit, [label], margin, 0.0)[0, label])
            slope[k] = (ends[0] - ends[1]) / 2e-6
        basis = np.stack([unit[label], x[m]], axis=1)
        a, b = np.linalg.lstsq(basis, slope, rcond=None)[0]
        wanted = (basis @ [a, b] / np.hypot(a, b) + 3 * unit[label]) / 4
        np.testing.assert_allclose(dx[m], wanted, atol=1e-6)


def test_gradients_of_w_add_up() -> None:
    x, labels, w = _made(6)
    run = _run([x, labels], w, "num_output: 4 type: DOUBLE")
    for _ in range(2):
        run.forward()
        run.backward([np.ones((6, 4))])
    np.testing.assert_allclose(run.io.dparams[0], np.tile(2 * x.sum(axis=0), (4, 1)))


def test_rows_of_zeros_score_0() -> None:
    run = _run([np.zeros((1, 3)), np.zeros(1)], np.zeros((4, 3)), "num_output: 4 type: DOUBLE")
    np.testing.assert_array_equal(run.forward()[0], np.zeros((1, 4)))
    assert np.isfinite(run.backward([np.ones((1, 4))])[0]).all()


def test_nan_is_seen() -> None:
    run = _run([np.full((1, 3), np.nan), np.zeros(1)], np.eye(4)[:, :3], "num_output: 4")
    assert np.isnan(run.forward()[0]).all()


def test_a_batch_without_rows() -> None:
    run = _run([np.zeros((0, 3)), np.zeros(0)], np.ones((4, 3)), "num_output: 4 type: TRIPLE")
    assert run.forward()[0].shape == (0, 4)
    assert run.backward([np.zeros((0, 4))])[0].shape == (0, 3)


@pytest.mark.parametrize(
    ("options", "shapes", "told"),
    [
        ("", [(2, 3), (2,)], "no num_output"),
        ("num_output: 3 axis: 5", [(2, 3), (2,)], "axis 5 does not exist"),
        ("num_output: 3", [(2, 3), (3,)], "which needs 2 labels"),
        ("num_output: 3", [(2, 0), (2,)], "at least one input"),
        ("num_output: 3 gamma: -1", [(2, 3), (2,)], "gamma -1"),
        ("num_output: 3 base: -1", [(2, 3), (2,)], "base -1"),
        ("num_output: 3 iteration: -5", [(2, 3), (2,)], "iteration -5"),
    ],
)
def test_what_cannot_be_is_told(options: str, shapes: Any, told: str) -> None:
    with pytest.raises(UserError) as error:
        _run([np.zeros(shape) for shape in shapes], None, options)
    assert told in str(error.value)
