from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.data.caffe_stores import record_cursor as walk_module
from mycaffe_py.data.caffe_stores.record_cursor import Walk
from mycaffe_py.errors import UserError, Where


class ListCursor:
    """A store of numbers that counts moves and breaks at one record."""

    errors = (OSError,)

    def __init__(self, count, broken=-1):
        self.count = count
        self.broken = broken
        self.place = 0
        self.moves = 0

    def first(self):
        self.place = 0
        return self.count > 0

    def next(self):
        self.moves += 1
        self.place += 1
        if self.place == self.broken:
            raise OSError("bad page")
        return self.place < self.count

    def seek(self, key):
        self.place = int(key)
        return True

    def key(self):
        assert self.place < self.count
        return str(self.place).encode()

    def value(self):
        assert self.place < self.count
        return f"value {self.place}".encode()


def _walk(cursor, count=None):
    return Walk(cursor, Path("folder"), count, Where("net.prototxt", 4))


@given(st.integers(1, 40), st.booleans(), st.lists(st.integers(0, 200), max_size=20))
def test_any_record_in_any_order(count, known, numbers) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk_module, "_MARK_EVERY", 4)
        walk = _walk(ListCursor(count), count if known else None)
        for number in numbers:
            assert walk.value(number) == f"value {number % count}".encode()
        assert walk.length() == count


def test_one_after_the_other_moves_once_each() -> None:
    cursor = ListCursor(3000)
    walk = _walk(cursor, 3000)
    for number in range(3000):
        walk.value(number)
    assert cursor.moves == 2999
    walk.value(2000)
    assert cursor.moves == 2999 + 2000 % 1024


def test_the_count_is_found_at_the_end() -> None:
    walk = _walk(ListCursor(5))
    walk.value(4)
    assert walk.count is None
    assert walk.value(5) == b"value 0"
    assert walk.count == 5


def test_empty() -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:4: folder holds no records"):
        _walk(ListCursor(0))


def test_damage_is_one_error() -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:4: folder is damaged: bad page"):
        _walk(ListCursor(5, broken=3)).value(4)
    with pytest.raises(UserError, match="is damaged: bad page"):
        _walk(ListCursor(5, broken=3)).length()
