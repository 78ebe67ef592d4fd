"""Batches kept in step with others: same labels or same records, by seed and number alone."""

import numpy as np
import pytest

from mycaffe_py.data.selection.class_batches import ClassBatches
from mycaffe_py.data.selection.following import SameLabels, SameRecords
from mycaffe_py.data.selection.selection import Selection

LEADING = np.arange(30) % 3
LABELS = np.repeat([0, 1, 2, 3], [4, 7, 9, 5])


def _followed(leader, random=True, labels=LABELS, leading=LEADING, seed=5):
    return SameLabels(leader, leading, labels, seed, "train/photos", random)


@pytest.mark.parametrize("random", [True, False])
@pytest.mark.parametrize("per_blob", [1, 2, 3])
def test_each_image_has_the_label_of_the_one_it_follows(per_blob, random) -> None:
    leader = Selection(LEADING, 6, per_blob, seed=2)
    follower = _followed(leader, random)
    for batch in (0, 1, 63, 64, 200):
        led, following = leader.records(batch), follower.records(batch)
        assert following.shape == (6, per_blob)
        assert np.array_equal(LABELS[following], LEADING[led])


@pytest.mark.parametrize("random", [True, False])
def test_no_item_holds_an_image_twice(random) -> None:
    leader = Selection(LEADING, 10, 3, seed=2)
    follower = _followed(leader, random)
    for batch in range(100):
        for item in follower.records(batch).tolist():
            assert len(set(item)) == 3


def test_a_batch_is_the_same_whichever_was_asked_for_before() -> None:
    leader = Selection(LEADING, 6, 2, seed=2)
    first = [_followed(leader).records(batch) for batch in range(130)]
    again = _followed(leader)
    for batch in (129, 5, 64, 0):
        assert np.array_equal(again.records(batch), first[batch])
    assert not np.array_equal(_followed(leader, seed=6).records(0), first[0])


def test_in_order_the_nth_image_of_a_label_goes_with_the_nth_of_it() -> None:
    leader = Selection(LEADING, 30, random=False)
    found = _followed(leader, random=False).records(0)[:, 0]
    # Label 0 leads with images 0, 3, 6 ...; it has four images here, so the fifth goes round.
    assert found[LEADING == 0].tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert found[LEADING == 2][:3].tolist() == [11, 12, 13]


def test_by_chance_none_comes_again_before_all_of_its_label_came() -> None:
    many = np.repeat([0, 1, 2], 500)
    leader = Selection(LEADING, 10, 2, seed=2)
    follower = _followed(leader, labels=many)
    drawn = np.concatenate([follower.records(batch).ravel() for batch in range(64)])
    assert len(set(drawn.tolist())) == len(drawn) == 64 * 20


def test_the_images_of_a_class_in_a_batch_of_classes_differ() -> None:
    leader = ClassBatches(LEADING, 3, 4, seed=2)
    follower = _followed(leader)
    for batch in range(20):
        rows = follower.records(batch)[:, 0]
        assert len(set(rows.tolist())) == 12
        assert np.array_equal(LABELS[rows], LEADING[leader.records(batch)[:, 0]])


def test_labels_may_have_gaps_and_a_class_one_image() -> None:
    leading, labels = np.array([7, 7, 40, 40]), np.array([40, 7, 40, 90])
    leader = Selection(leading, 4, 2, seed=2)
    follower = _followed(leader, labels=labels, leading=leading)
    found = follower.records(3)
    assert np.array_equal(labels[found], leading[leader.records(3)])


def test_same_records_are_those_of_the_leader() -> None:
    leader = Selection(LEADING, 6, 2, seed=2)
    assert np.array_equal(SameRecords(leader).records(9), leader.records(9))
