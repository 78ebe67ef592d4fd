import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.balanced import balanced_sample
from mycaffe_py.random_streams import stream


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 40), st.integers(0, 99))
def test_classes_get_equal_shares_as_far_as_they_go(labels, count, seed):
    labels = np.asarray(labels)
    drawn = balanced_sample(labels, count, stream(seed, "test"))
    assert len(drawn) == len(set(drawn.tolist())) == min(count, len(labels))
    there = np.bincount(labels, minlength=6)
    got = np.bincount(labels[drawn], minlength=6)
    unfinished = got[got < there]
    if len(unfinished):
        assert got.max() <= unfinished.min() + 1
    assert drawn.tolist() == sorted(drawn.tolist(), key=lambda i: (labels[i], i))


def test_the_items_are_drawn_by_chance():
    labels = np.repeat([0, 1], 500)
    first, second = (balanced_sample(labels, 20, stream(seed, "test")) for seed in (1, 2))
    assert (first == balanced_sample(labels, 20, stream(1, "test"))).all()
    assert set(first.tolist()) != set(second.tolist())
    assert first.max() - first.min() > 100
