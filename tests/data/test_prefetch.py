import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from mycaffe_py.data.prefetch import PrefetchFeed
from mycaffe_py.errors import MyCaffeError
from tests.data.test_feed import _feed


class Counting:
    """Fills with the batch number; may fail or wait."""

    shapes = [(3,)]  # noqa: RUF012
    label_count = 2

    def __init__(self, fails_at=-1, wait_s=0.0):
        self.fails_at = fails_at
        self.wait_s = wait_s
        self.made = []

    def fill(self, batch_number, tops):
        time.sleep(self.wait_s)
        self.made.append((batch_number, threading.current_thread().name))
        if batch_number == self.fails_at:
            raise MyCaffeError(f"batch {batch_number} is broken")
        tops[0][:] = batch_number


def _get(feed, batch):
    top = np.full(3, np.nan, np.float32)
    feed.fill(batch, [top])
    return top.tolist()


def test_the_bits_are_the_same() -> None:
    plain = _feed(2)
    with PrefetchFeed(_feed(2)) as ahead:
        assert ahead.shapes == plain.shapes
        assert ahead.label_count == plain.label_count
        for batch in (0, 1, 2, 3, 7, 8, 2, 3, 3, 4):
            wanted = [np.zeros(shape, np.float32) for shape in plain.shapes]
            found = [np.full(shape, np.nan, np.float32) for shape in plain.shapes]
            plain.fill(batch, wanted)
            ahead.fill(batch, found)
            for a, b in zip(wanted, found, strict=True):
                assert np.array_equal(a, b)


def test_the_next_batches_are_made_in_one_other_thread() -> None:
    inner = Counting()
    with PrefetchFeed(inner, depth=3) as feed:
        assert _get(feed, 5) == [5, 5, 5]
        deadline = time.monotonic() + 60
        while len(inner.made) < 4 and time.monotonic() < deadline:
            time.sleep(0.005)
        assert [number for number, _ in inner.made] == [5, 6, 7, 8]
        assert len({name for _, name in inner.made}) == 1
        assert threading.current_thread().name not in {name for _, name in inner.made}


def test_an_error_comes_up_with_its_batch_and_not_before() -> None:
    with PrefetchFeed(Counting(fails_at=2)) as feed:
        assert _get(feed, 0) == [0, 0, 0]
        assert _get(feed, 1) == [1, 1, 1]
        for _ in range(2):
            with pytest.raises(MyCaffeError, match="batch 2 is broken"):
                _get(feed, 2)
        assert _get(feed, 3) == [3, 3, 3]


def test_other_shapes_and_types_are_made_anew() -> None:
    with PrefetchFeed(Counting()) as feed:
        _get(feed, 0)
        top = np.full(3, np.nan, np.float64)
        feed.fill(1, [top])
        assert top.tolist() == [1, 1, 1]
        wider = np.full((2, 3), np.nan)
        feed.fill(2, [wider[0]])
        assert wider[0].tolist() == [2, 2, 2]


def test_close_joins_the_thread() -> None:
    # Nets of other tests that nobody has cleared away yet have threads of that name.
    others = set(threading.enumerate())
    feed = PrefetchFeed(Counting(wait_s=0.05))
    _get(feed, 0)
    feed.close()
    own = set(threading.enumerate()) - others
    assert not [t for t in own if t.name.startswith("prefetch")]
    feed.close()


@pytest.mark.slow
def test_the_interpreter_ends_without_close() -> None:
    code = (
        "import numpy as np\n"
        "from tests.data.test_prefetch import Counting, PrefetchFeed\n"
        "feed = PrefetchFeed(Counting(wait_s=0.1), depth=4)\n"
        "feed.fill(0, [np.zeros(3)])\n"
        "print('end')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_whatever_a_feed_says_of_itself_is_passed_on() -> None:
    plain = _feed(2)
    with PrefetchFeed(plain) as ahead:
        for what in ("classes", "source", "choice", "matched", "varies"):
            assert getattr(ahead, what) is getattr(plain, what) or what == "classes"
        assert ahead.classes == plain.classes
        assert ahead.shapes_of(7) == plain.shapes
        assert ahead.source is plain.source is not None
        assert not ahead.quick
