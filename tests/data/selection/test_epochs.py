import numpy as np
import pytest

from mycaffe_py.data.selection.epochs import Epochs, random_skip


def _walked(epochs, size, batches):
    return np.concatenate([epochs.batch(number, size) for number in range(batches)])


def test_in_order_round_and_round() -> None:
    assert _walked(Epochs(5, 1, "x"), 3, 4).tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]
    assert _walked(Epochs(5, 1, "x", skip=4), 3, 2).tolist() == [4, 0, 1, 2, 3, 4]


def test_a_batch_larger_than_the_list() -> None:
    assert Epochs(2, 1, "x").batch(1, 5).tolist() == [1, 0, 1, 0, 1]
    assert sorted(Epochs(2, 1, "x", shuffle=True).batch(0, 6).tolist()) == [0, 0, 0, 1, 1, 1]


def test_shuffled_rounds_hold_each_place_once_and_differ() -> None:
    rounds = _walked(Epochs(20, 1, "x", shuffle=True), 8, 10).reshape(4, 20)
    assert (np.sort(rounds, axis=1) == np.arange(20)).all()
    assert len({tuple(order) for order in rounds.tolist()}) == 4


def test_batches_are_pure_and_streams_apart() -> None:
    epochs = Epochs(20, 1, "x", shuffle=True, skip=3)
    wanted = [epochs.batch(number, 7) for number in range(6)]
    for number in (5, 0, 0, 3, 5):
        assert np.array_equal(Epochs(20, 1, "x", True, 3).batch(number, 7), wanted[number])
        assert np.array_equal(epochs.batch(number, 7), wanted[number])
    assert not np.array_equal(Epochs(20, 2, "x", True, 3).batch(0, 7), wanted[0])
    assert not np.array_equal(Epochs(20, 1, "y", True, 3).batch(0, 7), wanted[0])


@pytest.mark.parametrize("limit", [1, 4])
def test_random_skips_stay_below_the_limit(limit: int) -> None:
    drawn = {random_skip(limit, seed, "x") for seed in range(60)}
    assert drawn == set(range(limit))


def test_no_skip() -> None:
    assert random_skip(0, 1, "x") == 0
