import tracemalloc

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.selection.balanced import balanced_sample
from mycaffe_py.random_streams import stream


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 40), st.integers(0, 99))
def test_classes_get_equal_shares_as_far_as_they_go(labels, count, seed) -> None:
    labels = np.asarray(labels)
    drawn = balanced_sample(labels, count, stream(seed, "test"))
    assert len(drawn) == len(set(drawn.tolist())) == min(count, len(labels))
    there = np.bincount(labels, minlength=6)
    got = np.bincount(labels[drawn], minlength=6)
    unfinished = got[got < there]
    if len(unfinished):
        assert got.max() <= unfinished.min() + 1
    assert drawn.tolist() == sorted(drawn.tolist(), key=lambda i: (labels[i], i))


def test_the_items_are_drawn_by_chance() -> None:
    labels = np.repeat([0, 1], 500)
    first, second = (balanced_sample(labels, 20, stream(seed, "test")) for seed in (1, 2))
    assert (first == balanced_sample(labels, 20, stream(1, "test"))).all()
    assert set(first.tolist()) != set(second.tolist())
    assert first.max() - first.min() > 100


def test_a_sample_of_many_takes_a_few_bytes_an_item() -> None:
    labels = np.random.default_rng(1).integers(0, 10, 1_000_000)
    tracemalloc.start()
    try:
        balanced_sample(labels, 10_000, stream(1, "test"))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Its label 1, its place in the order 4; besides, blocks of 65,536.
    assert most < 12 * len(labels)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 40), st.integers(0, 99))
def test_the_sample_is_the_first_of_all_items_in_rounds(labels, count, seed) -> None:
    labels = np.asarray(labels)
    numbers = stream(seed, "test")
    order = numbers.permutation(len(labels)).tolist()
    classes = sorted(set(labels.tolist()))
    turn = numbers.permutation(len(classes))
    before: dict[int, int] = {}
    keys = []
    for item in order:
        label = int(labels[item])
        keys.append((before.setdefault(label, 0), turn[classes.index(label)], item))
        before[label] += 1
    wanted = sorted(item for *_, item in sorted(keys)[:count])
    assert sorted(balanced_sample(labels, count, stream(seed, "test")).tolist()) == wanted
