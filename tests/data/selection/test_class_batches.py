"""Batches of P classes with K images each: which ones, how often, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.data.selection.class_batches import ClassBatches
from mycaffe_py.errors import UserError, Where

# Classes 0, 2, 3, 7 and 9, so with gaps, of 6, 4, 3, 5 and 4 images, mixed up.
LABELS = np.random.default_rng(1).permutation(np.repeat([0, 2, 3, 7, 9], [6, 4, 3, 5, 4]))


def _labels(batches: ClassBatches, number: int, labels: Any = LABELS) -> Any:
    """(P, K) labels of a batch."""
    records = batches.records(number)
    assert records.shape == (batches.batch_size, 1)
    return labels[records[:, 0]].reshape(-1, batches.images_per_label)


@pytest.mark.parametrize(("p", "k"), [(2, 3), (5, 1), (4, 3), (1, 3)])
def test_each_batch_has_p_classes_of_k_different_images(p: int, k: int) -> None:
    batches = ClassBatches(LABELS, p, k, seed=4)
    for number in (0, 1, 63, 64, 500):
        labels = _labels(batches, number)
        assert (labels == labels[:, :1]).all()
        assert len(set(labels[:, 0])) == p
        assert len(set(batches.records(number)[:, 0])) == p * k


def test_classes_come_once_an_epoch_and_images_all_alike() -> None:
    batches = ClassBatches(LABELS, 2, 3, seed=4)
    for epoch in range(40):
        # Of five classes four fill two batches; the fifth waits.
        pair = [_labels(batches, 2 * epoch + n)[:, 0] for n in (0, 1)]
        assert len(set(np.concatenate(pair))) == 4
    drawn = np.concatenate([batches.records(n)[:, 0] for n in range(4000)])
    counts = np.bincount(drawn, minlength=len(LABELS))
    for label, images in ((0, 6), (2, 4), (3, 3), (7, 5), (9, 4)):
        share = counts[label == LABELS] / (4000 * 2 / 5 * 3 / images)
        assert np.abs(share - 1).max() < 0.1


def test_a_class_with_fewer_images_gives_each_as_often_as_it_can() -> None:
    batches = ClassBatches(LABELS, 5, 8, seed=4, names={3: "emu"})
    for number in range(20):
        records = batches.records(number).reshape(5, 8)
        for row in records:
            label = LABELS[row[0]]
            images, times = np.unique(row, return_counts=True)
            assert (LABELS[row] == label).all()
            assert len(images) == (label == LABELS).sum()
            assert times.max() - times.min() <= 1
    assert batches.scarce == (
        "5 classes have fewer than images_per_label 8 images, so some come twice in a batch: "
        "0 (6), 2 (4), emu (3), 7 (5), 9 (4)"
    )
    assert "1 class has fewer" in ClassBatches(LABELS, 5, 4).scarce
    assert ClassBatches(LABELS, 5, 3).scarce == ""


def test_any_batch_can_be_had_on_its_own() -> None:
    batches = ClassBatches(LABELS, 2, 2, seed=4)
    inorder = [batches.records(n).copy() for n in range(200)]
    again = ClassBatches(LABELS, 2, 2, seed=4)
    for number in (199, 0, 64, 63, 128):
        np.testing.assert_array_equal(again.records(number), inorder[number])
    for other in (ClassBatches(LABELS, 2, 2, 5), ClassBatches(LABELS, 2, 2, 4, "test/d")):
        assert any((other.records(n) != inorder[n]).any() for n in range(3))


def test_fewer_classes_than_asked_for() -> None:
    with pytest.raises(UserError) as caught:
        ClassBatches(LABELS, 6, 2, where=Where("net.prototxt", 4))
    assert str(caught.value) == (
        "net.prototxt:4: labels_per_batch is 6, but the source has images of 5 classes; the "
        "classes of a batch are different ones. Lower labels_per_batch, and batch_size with it."
    )
