import numpy as np
import pytest

from mycaffe_py.data.memory_feed import MemoryFeed
from mycaffe_py.errors import UserError, Where

DATA = np.arange(6 * 6, dtype=np.float32).reshape(6, 1, 2, 3)
LABELS = np.arange(6, dtype=np.float32)


def _feed():
    return MemoryFeed((2, 1, 2, 3), "arrays", Where("net.prototxt", 3))


def _filled(feed, batch):
    tops = [np.full(shape, np.nan, np.float32) for shape in feed.shapes]
    feed.fill(batch, tops)
    return tops


def test_batches_go_round() -> None:
    feed = _feed()
    assert feed.shapes == [(2, 1, 2, 3), (2,)]
    feed.reset(DATA, LABELS)
    for batch in (0, 1, 2, 3, 4, 1):
        data, labels = _filled(feed, batch)
        rows = np.arange(2 * batch, 2 * batch + 2) % 6
        assert np.array_equal(data, DATA[rows])
        assert np.array_equal(labels, LABELS[rows])


def test_a_reset_starts_at_the_first_row() -> None:
    feed = _feed()
    feed.reset(DATA, LABELS)
    _filled(feed, 0)
    feed.reset(-DATA, LABELS.reshape(6, 1, 1, 1) + 10)
    assert _filled(feed, 7)[1].tolist() == [10, 11]
    assert _filled(feed, 8)[1].tolist() == [12, 13]
    assert _filled(feed, 7)[1].tolist() == [10, 11]


def test_arrays_are_referred_to() -> None:
    data = DATA.copy()
    labels = np.zeros((6, 2, 1, 1), np.float32)[:, ::2]
    feed = _feed()
    feed.reset(data, labels)
    data[0] = 99
    labels[1] = 5
    found = _filled(feed, 0)
    assert (found[0][0] == 99).all()
    assert found[1].tolist() == [0, 5]


def test_nothing_was_handed_in() -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:3: .*no data\. Call reset"):
        _filled(_feed(), 0)


@pytest.mark.parametrize(
    ("data", "labels", "said"),
    [
        (DATA[:, 0], LABELS, r"data \(6, 2, 3\) and .*; data \(n, 1, 2, 3\) and labels \(n,\)"),
        (DATA, LABELS[:4], r"labels \(4,\)"),
        (DATA[:5], LABELS[:5], "5 rows; a multiple of the batch size, 2"),
        (DATA[:0], LABELS[:0], "0 rows"),
    ],
)
def test_arrays_that_do_not_fit(data, labels, said: str) -> None:
    with pytest.raises(UserError, match=said):
        _feed().reset(data, labels)
