"""The gradient of a batch in shards is that of the whole batch, for every loss and divisor."""

from __future__ import annotations

import numpy as np
import pytest

from tests.solver.shards.cut_nets import gradients_of, text_of, work_of

pytestmark = pytest.mark.usefixtures("digits_only")


def _normalized(kind: str, field: str = "", classes: int = 10) -> list[tuple[str, int, int]]:
    return [
        (
            f'layer {{ name: "loss" type: "{kind}" bottom: "y" bottom: "label" {field} top: "loss" '
            f"loss_weight: 2 loss_param {{ ignore_label: 3 normalization: {mode} }} }}",
            classes,
            1,
        )
        for mode in ("VALID", "FULL", "BATCH_SIZE", "NONE")
    ]


_H = " ".join(f"valuef: {1 + (i % 11 == 0)}" for i in range(100))
_MATRIX = (
    'layer { name: "H" type: "Constant" top: "H" constant_param '
    f"{{ output_shape {{ dim: 10 dim: 10 }} {_H} }} }}"
)
_PARTS = (
    'layer { name: "parts" type: "Slice" bottom: "data" TOPS slice_param { axis: 1 } }'
    + "".join(
        f'layer {{ name: "ip_{k}" type: "InnerProduct" bottom: "x{k}" top: "y{k}" '
        'param { name: "w" } param { name: "b" } '
        'inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }'
        for k in range(3)
    )
)


def _tuples(count: int, tail: str) -> tuple[str, int, int]:
    tops = " ".join(f'top: "x{k}"' for k in range(count))
    branches = _PARTS.replace("TOPS", tops)
    kept = "layer".join(branches.split("layer")[: 2 + count])
    return kept + tail, 0, count


TAILS = [
    *_normalized("SoftmaxWithLoss"),
    *_normalized("SigmoidCrossEntropyLoss", classes=1),
    *((_MATRIX + text, c, k) for text, c, k in _normalized("InfogainLoss", 'bottom: "H"')),
    ('layer { name: "loss" type: "HingeLoss" bottom: "y" bottom: "label" top: "loss" }', 10, 1),
    ('layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "label" top: "l" }', 1, 1),
    (
        'layer { name: "p" type: "Softmax" bottom: "y" top: "p" } layer { name: "loss" '
        'type: "MultinomialLogisticLoss" bottom: "p" bottom: "label" top: "loss" }',
        10,
        1,
    ),
    *(
        (
            'layer { name: "r" type: "Reduction" bottom: "y" top: "r" loss_weight: 0.5 '
            f"reduction_param {{ operation: {how} axis: {axis} }} }}",
            4,
            1,
        )
        for how in ("SUM", "MEAN", "SUMSQ")
        for axis in (0, 1)
    ),
    ('layer { name: "s" type: "Power" bottom: "y" top: "s" loss_weight: 0.1 }', 4, 1),
    (
        'layer { name: "free" type: "Parameter" top: "f" parameter_param { shape { dim: 3 } } } '
        'layer { name: "far" type: "Reduction" bottom: "f" top: "r" loss_weight: 1 '
        "reduction_param { operation: SUM } } "
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "loss" }',
        10,
        1,
    ),
    _tuples(
        2,
        'layer { name: "loss" type: "ContrastiveLoss" bottom: "y0" bottom: "y1" bottom: "label" '
        'top: "loss" top: "match" }',
    ),
    _tuples(
        3,
        'layer { name: "loss" type: "TripletLoss" bottom: "y0" bottom: "y1" bottom: "y2" '
        'top: "loss" triplet_loss_param { margin: 2 } }',
    ),
]


@pytest.mark.parametrize("number", range(len(TAILS)))
def test_the_gradient_is_that_of_the_whole_batch(number: int) -> None:
    tail, classes, images = TAILS[number]
    text = text_of(tail, classes, images, **({} if classes else {"branch": ""}))
    loss, gradient = gradients_of(work_of(text, 1))
    assert np.abs(gradient).max() > 1e-4
    for shards in (2, 3):
        other, found = gradients_of(work_of(text, shards))
        assert other == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-13)


def test_shards_without_a_row_that_counts_have_no_part() -> None:
    """With shards of one row, those of the ignored label have nothing that counts."""
    text = text_of(
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "loss" '
        "loss_param { ignore_label: 0 } } "
        'layer { name: "right" type: "Accuracy" bottom: "y" bottom: "label" top: "right" '
        "accuracy_param { ignore_label: 0 } }"
    )
    whole, cut = work_of(text, 1), work_of(text, 24)
    loss, gradient = gradients_of(whole)
    other, found = gradients_of(cut)
    assert other == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-13)
    assert cut.outputs()["right"] == pytest.approx(whole.outputs()["right"], rel=1e-12)
    assert cut.outputs()["loss"] == pytest.approx(loss, rel=1e-12)


def test_outputs_with_rows_lie_one_behind_the_other() -> None:
    text = text_of(
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "y" bottom: "label" top: "loss" } '
        'layer { name: "t" type: "Transpose" bottom: "y" top: "t" '
        "transpose_param { dim: 1 dim: 0 } }"
    )
    whole, cut = work_of(text, 1), work_of(text, 4)
    whole.forward(5)
    cut.forward(5)
    np.testing.assert_allclose(cut.outputs()["t"], whole.outputs()["t"], rtol=1e-9)


def test_a_mined_loss_weighs_shards_by_their_triplets() -> None:
    text = text_of(
        'layer { name: "loss" type: "TripletLoss" bottom: "y" bottom: "label" top: "loss" '
        "triplet_loss_param { mining: BATCH_ALL margin: 0.02 } }",
        4,
    ).replace("batch_size: 24", "batch_size: 24 labels_per_batch: 6 images_per_label: 4")
    work = work_of(text, 2)
    loss = work.forward(0)
    noted = [net.note(0).losses["loss"] for net in work.nets]
    counts = [part.count for part in noted]
    assert min(counts) > 0 and counts[0] != counts[1]
    sums = sum(part.count * float(part.values) for part in noted)
    assert loss == pytest.approx(sums / sum(counts), rel=1e-12)
