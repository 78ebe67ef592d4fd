import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.evaluate.designs.pairs import draw

SIZES = st.lists(st.integers(2, 9), min_size=2, max_size=5)


@given(SIZES, st.integers(1, 60), st.integers(0, 3))
def test_pairs_are_what_they_say(sizes, count, seed) -> None:
    labels = np.repeat(np.arange(len(sizes)) * 3, sizes)[::-1].copy()
    rows = np.arange(len(labels))
    drawn = draw(labels, rows, count, seed, "x")
    assert len(drawn) == count
    assert (labels[drawn.anchor] == labels[drawn.positive]).all()
    assert (labels[drawn.anchor] != labels[drawn.negative]).all()
    assert (drawn.anchor != drawn.positive).all()
    first, second, same = drawn.pairs()
    assert (same == (labels[first] == labels[second])).all()
    assert same.sum() * 2 == len(same) == 2 * count


def test_classes_come_equally_often_however_large_they_are() -> None:
    labels = np.repeat([0, 1, 2], [500, 20, 5])
    drawn = draw(labels, np.arange(len(labels)), 3000, 1, "x")
    assert np.bincount(labels[drawn.anchor]).tolist() == [1000, 1000, 1000]
    assert np.bincount(labels[drawn.negative]).min() > 900


def test_only_the_rows_given_are_drawn() -> None:
    labels = np.tile([0, 1, 2, 3], 10)
    rows = np.flatnonzero(np.isin(labels, [1, 3]))[4:]
    drawn = draw(labels, rows, 200, 1, "x")
    used = np.unique(np.concatenate([drawn.anchor, drawn.positive, drawn.negative]))
    assert used.tolist() == rows.tolist()


def test_a_seed_always_gives_the_same_pairs_and_another_gives_others() -> None:
    labels = np.tile([0, 1, 2], 20)
    rows = np.arange(60)
    one, again, other = (draw(labels, rows, 50, seed, "x") for seed in (1, 1, 2))
    assert (one.anchor == again.anchor).all() and (one.negative == again.negative).all()
    assert (one.anchor != other.anchor).any()


def test_a_choice_of_experiments_keeps_their_order() -> None:
    labels = np.tile([0, 1, 2], 20)
    drawn = draw(labels, np.arange(60), 50, 1, "x")
    first, second, same = drawn.pairs(np.array([7, 3]))
    assert first.tolist() == [drawn.anchor[i] for i in (7, 7, 3, 3)]
    assert second.tolist() == [
        drawn.positive[7], drawn.negative[7], drawn.positive[3], drawn.negative[3]
    ]  # fmt: skip
    assert same.tolist() == [1, 0, 1, 0]
