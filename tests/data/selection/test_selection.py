import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.selection import Selection
from mycaffe_py.errors import UserError, Where


def _labels(seed, counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    return np.random.default_rng(seed).permutation(labels).astype(np.int64)


LABELS = st.builds(_labels, st.integers(0, 99), st.lists(st.integers(2, 9), min_size=2, max_size=6))
BATCH = st.integers(1, 17)
SEED = st.integers(0, 2**63)


def _items(selection, batches):
    return np.concatenate([selection.records(b) for b in range(batches)])


@given(LABELS, BATCH, SEED, st.booleans(), st.booleans())
def test_matches_alternate_over_all_items(labels, batch, seed, random, balancing) -> None:
    selection = Selection(labels, batch, 2, seed, random=random, label_balancing=balancing)
    pairs = labels[_items(selection, 5)]
    assert ((pairs[:, 0] == pairs[:, 1]) == (np.arange(len(pairs)) % 2 == 0)).all()


@given(LABELS, BATCH, SEED, st.sampled_from([2, 3]), st.booleans(), st.booleans(), st.booleans())
def test_no_item_holds_an_image_twice(
    labels, batch, seed, per_blob, random, matches, balancing
) -> None:
    selection = Selection(
        labels,
        batch,
        per_blob,
        seed,
        random=random,
        balance_matches=matches,
        label_balancing=balancing,
    )
    items = _items(selection, 6)
    assert (items >= 0).all() and (items < len(labels)).all()
    for item in items.tolist():
        assert len(set(item)) == per_blob


@given(LABELS, BATCH, SEED, st.booleans())
def test_triplets_are_anchor_same_other(labels, batch, seed, random) -> None:
    items = labels[_items(Selection(labels, batch, 3, seed, random=random), 4)]
    assert (items[:, 0] == items[:, 1]).all()
    assert (items[:, 0] != items[:, 2]).all()


@pytest.mark.slow
@given(LABELS, BATCH, SEED, st.sampled_from([1, 2, 3]), st.booleans(), st.booleans())
def test_a_batch_depends_on_nothing_but_its_number(
    labels, batch, seed, per_blob, random, balancing
) -> None:
    def fresh():
        return Selection(labels, batch, per_blob, seed, random=random, label_balancing=balancing)

    forward = [fresh().records(b) for b in range(6)]
    one = fresh()
    for number in (5, 0, 3, 5, 1, 4, 2):
        assert np.array_equal(one.records(number), forward[number])


@given(LABELS, BATCH, SEED, st.sampled_from([1, 2]))
def test_primaries_are_every_image_once_per_epoch(labels, batch, seed, per_blob) -> None:
    count = len(labels)
    selection = Selection(labels, batch, per_blob, seed)
    primaries = _items(selection, 3 * count // batch + 1)[:, 0]
    for epoch in range(3):
        assert sorted(primaries[epoch * count : (epoch + 1) * count]) == list(range(count))


@given(LABELS, BATCH, SEED, st.booleans())
def test_label_balancing_is_exact_in_every_block(labels, batch, seed, random) -> None:
    classes = labels.max() + 1
    selection = Selection(labels, batch, 1, seed, random=random, label_balancing=True)
    primaries = _items(selection, 12 * classes // batch + 1)[:, 0]
    for block in range(12):
        drawn = labels[primaries[block * classes : (block + 1) * classes]]
        assert sorted(drawn) == list(range(classes))
    for label in range(classes):
        own = primaries[: 12 * classes][labels[primaries[: 12 * classes]] == label]
        count = int((labels == label).sum())
        for start in range(0, len(own) - count + 1, count):
            assert len(set(own[start : start + count])) == count


@given(LABELS, BATCH)
def test_in_order_the_cursor_moves_by_the_images_of_an_item(labels, batch) -> None:
    count = len(labels)
    singles = _items(Selection(labels, batch, 1, random=False), 5)[:, 0]
    assert singles.tolist() == [i % count for i in range(5 * batch)]
    selection = Selection(labels, batch, 2, random=False, balance_matches=False)
    pairs = _items(selection, 5)
    assert pairs.tolist() == [[2 * i % count, (2 * i + 1) % count] for i in range(5 * batch)]


@given(LABELS, BATCH, st.sampled_from([2, 3]))
def test_in_order_partners_follow_the_labels_own_list(labels, batch, per_blob) -> None:
    """Slow twin: walk through the items with a pointer for each label."""
    count = len(labels)
    items = _items(Selection(labels, batch, per_blob, random=False), 9)
    turns = dict.fromkeys(range(labels.max() + 1), 0)
    for g, item in enumerate(items.tolist()):
        primary = g * per_blob % count
        assert item[0] == primary
        label = labels[primary]
        if per_blob == 3 or g % 2 == 0:
            own = np.flatnonzero(labels == label)
            place = turns[label] % len(own)
            if own[place] == primary:
                place = (place + 1) % len(own)
            assert item[1] == own[place]
            turns[label] += 1
        if per_blob == 3 or g % 2 == 1:
            other = (primary + 1) % count
            while labels[other] == label:
                other = (other + 1) % count
            assert item[-1] == other


def test_partners_are_evenly_spread() -> None:
    labels = _labels(1, [20, 40, 60])
    pairs = _items(Selection(labels, 120, 2, seed=3), 400)
    same, other = pairs[0::2], pairs[1::2]
    # Each of the 19 others of a label-0 image is as likely as any other: 400 draws for each pair.
    counts = np.bincount(same[:, 1], minlength=120)
    for label in range(3):
        spread = counts[labels == label]
        assert spread.std() < 1.6 * np.sqrt(spread.mean())
    drawn = np.bincount(labels[other[labels[other[:, 0]] == 0, 1]], minlength=3)
    assert drawn[0] == 0
    assert drawn[2] / drawn[1] == pytest.approx(60 / 40, rel=0.1)


def test_balanced_other_labels_are_evenly_spread() -> None:
    labels = _labels(1, [20, 40, 60])
    pairs = _items(Selection(labels, 120, 2, seed=3, label_balancing=True), 200)
    other = labels[pairs[1::2]]
    drawn = np.bincount(other[other[:, 0] == 0, 1], minlength=3)
    assert drawn[2] / drawn[1] == pytest.approx(1, rel=0.1)


def test_unbalanced_pairs_are_what_chance_gives() -> None:
    labels = _labels(2, [50, 50])
    pairs = labels[_items(Selection(labels, 100, 2, seed=5, balance_matches=False), 200)]
    assert (pairs[:, 0] == pairs[:, 1]).mean() == pytest.approx(49 / 99, abs=0.02)


def test_seed_purpose_and_epoch_change_the_order() -> None:
    labels = _labels(3, [30, 30])
    first = Selection(labels, 60, 1, seed=1).records(0)
    assert not np.array_equal(first, Selection(labels, 60, 1, seed=2).records(0))
    assert not np.array_equal(first, Selection(labels, 60, 1, seed=1, purpose="test").records(0))
    assert not np.array_equal(first, Selection(labels, 60, 1, seed=1).records(1))


def test_a_batch_may_reach_over_many_epochs() -> None:
    labels = _labels(4, [2, 2])
    items = Selection(labels, 64, 2, seed=1).records(3)
    assert np.bincount(items[:, 0]).tolist() == [16] * 4


BAD = [
    ([0, 1, 2], {"images_per_blob": 2}, "only one image of class 0, and of every other class"),
    ([4, 7], {"images_per_blob": 3}, r"only one image of class 4 \('emu'\), and of every"),
    ([0, 0, 0], {"images_per_blob": 2}, "all 3 images are of class 0"),
    ([4, 4], {"images_per_blob": 3}, r"all 2 images are of class 4 \('emu'\)"),
    ([0], {"images_per_blob": 2, "balance_matches": False}, "only one image"),
]


@pytest.mark.parametrize(("labels", "options", "match"), BAD)
def test_what_cannot_be_selected_from(labels, options, match) -> None:
    with pytest.raises(UserError, match=rf"net\.prototxt:9: .*{match}"):
        where = Where("net.prototxt", 9)
        Selection(np.array(labels), 4, **options, where=where, names={4: "emu"})


def test_single_images_need_no_complete_classes() -> None:
    records = Selection(np.array([3, 3, 5]), 3, 1, random=False).records(0)
    assert records.tolist() == [[0], [1], [2]]


@given(LABELS, SEED, st.sampled_from([1, 2, 3]), st.booleans(), st.booleans(), st.booleans())
def test_gaps_between_the_labels_change_nothing(
    labels, seed, per_blob, random, matches, balancing
) -> None:
    """A subset such as 0, 2, 3, 5 of ten digits: numbers without an image are no classes."""

    def items(numbers):
        return _items(Selection(numbers, 7, per_blob, seed, "train", random, matches, balancing), 5)

    assert np.array_equal(items(labels), items(labels * 3 + 2))


SINGLES = st.builds(
    _labels,
    st.integers(0, 99),
    st.lists(st.sampled_from([1, 1, 2, 5]), min_size=1, max_size=6).map(lambda found: [*found, 3]),
)


@pytest.mark.slow
@given(SINGLES, BATCH, SEED, st.sampled_from([2, 3]), st.booleans(), st.booleans())
def test_a_class_with_one_image_is_in_unlike_pairs_only(
    labels, batch, seed, per_blob, random, balancing
) -> None:
    selection = Selection(labels, batch, per_blob, seed, random=random, label_balancing=balancing)
    items = _items(selection, 6)
    pairs = labels[items]
    matching = np.arange(len(items)) % 2 == 0 if per_blob == 2 else np.full(len(items), True)
    assert (pairs[matching, 0] == pairs[matching, 1]).all()
    assert (items[:, 0] != items[:, 1]).all()
    unlike = pairs[:, [0, 2]] if per_blob == 3 else pairs[~matching]
    assert (unlike[:, 0] != unlike[:, 1]).all()
    assert selection.singles == np.flatnonzero(np.bincount(labels) == 1).tolist()


def test_classes_with_one_image_do_take_part() -> None:
    labels = np.array([0, 1, 2, 2, 2])
    seen = labels[_items(Selection(labels, 20, 2, seed=1), 4)]
    assert set(seen[1::2].ravel()) == {0, 1, 2}
    assert set(seen[0::2].ravel()) == {2}
    assert set(labels[_items(Selection(labels, 20, 3, seed=1), 4)][:, 2]) == {0, 1}


@pytest.mark.slow
@given(SINGLES, SEED)
def test_without_alternating_a_class_with_one_image_is_never_its_own_partner(labels, seed) -> None:
    for balancing in (False, True):
        selection = Selection(labels, 9, 2, seed, balance_matches=False, label_balancing=balancing)
        items = _items(selection, 6)
        assert (items[:, 0] != items[:, 1]).all()


@given(LABELS)
def test_label_lists(labels) -> None:
    lists = LabelLists.of(labels)
    for label in range(labels.max() + 1):
        own = np.flatnonzero(labels == label)
        start = lists.starts[label]
        assert lists.images[start : start + lists.counts[label]].tolist() == own.tolist()
        assert lists.rank[own].tolist() == list(range(len(own)))


def test_an_image_takes_a_few_bytes() -> None:
    labels = np.random.default_rng(1).integers(0, 10, 1_000_000)
    tracemalloc.start()
    try:
        selection = Selection(labels, 64, 2, seed=1)
        selection.records(0)
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Label 1, list 4, order of the epoch 4; besides, blocks of 65,536.
    assert kept < 10 * len(labels) and most < 14 * len(labels)
