"""CTCGreedyDecoder: labels, ends, scores, the share of right rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.forks_lstm import greedy


def _text(bottoms: str = "x", tops: str = "y", options: str = "") -> str:
    ports = " ".join([*(f'bottom: "{b}"' for b in bottoms), *(f'top: "{t}"' for t in tops)])
    return (
        f'layer {{ name: "d" type: "CTCGreedyDecoder" {ports} ctc_decoder_param {{ {options} }} }}'
    )


def _path(*classes: int) -> Any:
    """(T, 1, 4): a row that goes this way."""
    return np.eye(4)[list(classes)][:, None]


def _labels(run: LayerRun) -> list[int]:
    row = run.forward()[0][0, :, 0, 0]
    return [int(label) for label in row]


@pytest.mark.parametrize("merged", [True, False])
@pytest.mark.parametrize("blank", [0, 3, -1])
def test_by_the_definition(merged: bool, blank: int) -> None:
    x = np.random.default_rng(0).integers(0, 9, size=(30, 5, 4)).astype(float)
    options = f"blank_index: {blank} ctc_merge_repeated: {str(merged).lower()}"
    (y,) = LayerRun(_text(options=options), [x]).forward()
    assert y.shape == (5, 30, 1, 1)
    for n, row in enumerate(y[:, :, 0, 0]):
        wanted = greedy(x[:, n], blank % 4, merged)
        assert row.tolist() == wanted + [-1] * (30 - len(wanted))


def test_a_blank_parts_equal_labels() -> None:
    assert _labels(LayerRun(_text(), [_path(1, 1, 0, 1, 2)])) == [1, 1, 2, -1, -1]


def test_marks_end_a_sequence_but_step_0_starts_it() -> None:
    x, marks = _path(1, 2, 3, 1), np.array([[0.0], [1], [0], [1]])
    assert _labels(LayerRun(_text("xm"), [x, marks])) == [1, 2, -1, -1]
    _, scores = LayerRun(_text("xm", "ys"), [3 * x, marks]).forward()
    assert scores.tolist() == [[[[-6.0]]]]


def test_a_row_is_right_when_it_has_the_wanted_labels_and_no_others() -> None:
    x = np.repeat(_path(1, 0, 2, 0), 4, axis=1)
    marks = np.ones((4, 4))
    wanted = np.array([[1, 2, -1, -1], [1, -1, -1, -1], [1, 2, 3, -1], [1.0, 3, -1, -1]]).T
    accuracy = LayerRun(_text("xmw", "ya"), [x, marks, wanted]).forward()[1]
    assert accuracy.tolist() == [[[[0.25]]]]


def test_how_alike_rows_are_as_caffe_ocr_tells() -> None:
    x = np.concatenate([_path(1, 0, 2, 0, 0), _path(1, 1, 3, 0, 3), _path(0, 0, 0, 0, 0)], axis=1)
    # Blanks are no labels, and what stands behind one below 0 counts for nothing.
    wanted = np.array([[1, 0, 2, -1, 3, 3], [1, 2, 3, 3, -1, 0], [0, 0, -1, 1, 1, 1.0]])
    (top,) = LayerRun(_text("xw", "a"), [x, wanted]).forward()
    # The second row read 1 3 3 for 1 2 3 3: one of four labels is missing.
    assert top.shape == (1, 2, 1, 1)
    np.testing.assert_allclose(top.ravel(), [1 - 0.25 / 3, 2 / 3], atol=1e-15)


def test_nothing_to_read() -> None:
    assert LayerRun(_text(), [np.zeros((0, 2, 3))]).forward()[0].shape == (2, 0, 1, 1)
    assert LayerRun(_text(), [np.zeros((3, 0, 3))]).forward()[0].shape == (0, 3, 1, 1)


@pytest.mark.parametrize(
    ("bottoms", "tops", "options", "shapes", "told"),
    [
        ("x", "y", "", [(3, 4)], "steps, rows and classes"),
        ("x", "y", "", [(3, 4, 2, 2)], "steps, rows and classes"),
        ("x", "y", "blank_index: 5", [(3, 4, 5)], "blank_index 5"),
        ("xm", "y", "", [(3, 4, 5), (5, 3)], "which asks for (3, 4)"),
        ("xm", "ysa", "", [(3, 4, 5), (3, 4)], "needs a third bottom"),
    ],
)
def test_what_cannot_be_is_told(
    bottoms: str, tops: str, options: str, shapes: Any, told: str
) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(bottoms, tops, options), [np.zeros(shape) for shape in shapes])
    assert told in str(error.value)
