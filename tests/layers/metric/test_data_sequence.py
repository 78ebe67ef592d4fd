"""DataSequence: partners have the right label, come from what is kept, and repeat by seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _text(options: str, tops: int) -> str:
    names = " ".join(f'top: "t{number}"' for number in range(tops))
    return (
        f'layer {{ name: "s" type: "DataSequence" bottom: "data" bottom: "label" {names} '
        f"data_sequence_param {{ {options} }} }}"
    )


def _numbered(labels: Any, first: int = 0) -> np.ndarray[Any, Any]:
    """Items that tell their number and their label."""
    return np.stack([np.arange(first, first + len(labels)), labels], axis=1).astype(float)


def _next(run: LayerRun, labels: Any, first: int, batch_number: int) -> list[Any]:
    """Another batch on what is kept, as in a net."""
    run.io.bottoms[0][...] = _numbered(labels, first)
    run.io.bottoms[1][...] = labels
    run.io.run.batch_number = batch_number
    run.layer.forward(run.io)
    return [top.copy() for top in run.io.tops]


@settings(max_examples=60)
@given(
    labels=st.lists(st.integers(3, 6), min_size=2, max_size=12).filter(lambda x: len(set(x)) > 1),
    size=st.integers(1, 5),
    k=st.integers(0, 3),
    balanced=st.booleans(),
)
def test_partners_have_the_right_label(
    labels: list[int], size: int, k: int, balanced: bool
) -> None:
    options = f"cache_size: {size} k: {k} label_start: 3 label_count: 4 balance_matches: {balanced}"
    run = LayerRun(_text(options, 3 + k), [_numbered(labels), labels])
    *tops, told = run.forward()
    anchors = tops[0]
    np.testing.assert_array_equal(anchors, _numbered(labels))
    np.testing.assert_array_equal(told, np.stack([top[:, 1] for top in tops], axis=1))
    for row, label in enumerate(labels):
        matches = k > 0 or (balanced and row % 2 == 0)
        assert (told[row, 1] == label) == matches
        assert (told[row, 2:] != label).all()
        alone = labels.count(label) == 1 or size == 1
        if matches and not alone:
            assert tops[1][row, 0] != anchors[row, 0]
        if matches and labels.count(label) == 1:
            assert tops[1][row, 0] == anchors[row, 0]
    kept = {i for i, label in enumerate(labels) if labels[i + 1 :].count(label) < size}
    drawn = {int(number) for top in tops[1:] for number in top[:, 0]}
    assert drawn <= kept | {i for i, label in enumerate(labels) if labels.count(label) == 1}


def test_earlier_batches_are_drawn_from_until_newer_ones_replace_them() -> None:
    labels = [0, 1] * 4
    run = LayerRun(_text("cache_size: 8 k: 1 label_count: 2", 4), [_numbered(labels), labels])
    run.forward()
    drawn: set[int] = set()
    for number in range(1, 6):
        first = 8 * number
        _, positive, negative, _ = _next(run, labels, first, number)
        seen = {int(x) for x in (*positive[:, 0], *negative[:, 0])}
        assert all(first - 8 <= x < first + 8 for x in seen)
        drawn |= {int(x >= first) for x in seen}
    assert drawn == {0, 1}


@pytest.mark.slow
def test_every_partner_is_drawn_equally_often() -> None:
    """2,000 draws of 1 in 3: each within five standard deviations, 5 * sqrt(2000 * 2) / 3 = 105."""
    labels = [0, 0, 0, 0, 1, 2, 2, 2]
    run = LayerRun(_text("cache_size: 8 k: 1 label_count: 3", 4), [_numbered(labels), labels])
    positives, other_labels = [], []
    for number in range(2000):
        run.io.run.batch_number = number
        _, positive, negative, _ = run.forward()
        positives.append(int(positive[0, 0]))
        other_labels.append(int(negative[0, 1]))
    counts = np.bincount(positives, minlength=4)
    assert counts[0] == 0
    assert (abs(counts[1:] - 2000 / 3) < 105).all()
    assert abs(other_labels.count(1) - 1000) < 112


def test_the_same_batch_number_gives_the_same_partners() -> None:
    labels = np.arange(20) % 4
    text = _text("k: 2 label_count: 4", 5)
    one, two = (LayerRun(text, [_numbered(labels), labels], batch_number=n) for n in (3, 3))
    other = LayerRun(text, [_numbered(labels), labels], batch_number=4)
    for a, b in zip(one.forward(), two.forward(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert (one.forward()[1] != other.forward()[1]).any()


def test_the_number_of_labels_follows_from_the_data_set() -> None:
    labels = [5, 6, 5, 6]
    run = LayerRun(_text("k: 1", 4), [_numbered(labels), labels], label_counts=(0, 10))
    assert run.plan.tops[3].label_count == 10
    assert run.io.scratch["seen"].shape == (10,)


@pytest.mark.parametrize(
    ("options", "tops", "labels", "message"),
    [
        ("k: 1", 4, [0, 1], "the number of labels is not known"),
        ("k: 1 label_count: 2", 3, [0, 1], "3 tops[\\s\\S]*k 1 makes 3, and one for labels"),
        ("k: 1 label_count: 2", 4, [[0, 1], [1, 1]], "single images"),
        ("k: -1 label_count: 2", 4, [0, 1], "k -1"),
        ("cache_size: 0 label_count: 2", 3, [0, 1], "cache_size 0"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    options: str, tops: int, labels: Any, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        LayerRun(_text(options, tops), [np.zeros((2, 3)), np.array(labels)])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 1], "all items so far have label 1[\\s\\S]*Raise batch_size"),
        ([1, 4], "row 1 of bottom 'label' holds label 4"),
        ([0, 1], "label 0 in bottom 'label'[\\s\\S]*from 1 to 3"),
    ],
)
def test_labels_that_do_not_do_are_named(labels: list[int], message: str) -> None:
    text = _text("k: 1 label_start: 1 label_count: 3", 4)
    with pytest.raises(UserError, match=message):
        LayerRun(text, [np.zeros((2, 3)), labels]).forward()
