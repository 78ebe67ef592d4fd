"""LMDB's pages, whole and damaged: what liblmdb wrote is read, what it would die of is refused."""

import random
from pathlib import Path

import lmdb
import pytest

from mycaffe_py.data.caffe_stores.lmdb_reading import LmdbError, LmdbFile
from mycaffe_py.data.caffe_stores.stores import open_records
from mycaffe_py.errors import UserError
from tests.data.stores import make_lmdb

PAGE = 4096
ROOT_BYTES = slice(16 + 24 + 48 + 40, 16 + 24 + 96)


def _walked(path):
    file = LmdbFile(path)
    place, found = file.first(), []
    while place is not None:
        found.append((file.key(place), file.value(place)))
        place = file.after(place)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_what_liblmdb_wrote_in_many_transactions_is_read(tmp_path: Path, seed) -> None:
    """Long keys make a deep tree, long values pages of their own; some are removed again."""
    numbers = random.Random(seed)
    wanted = {}
    with lmdb.open(str(tmp_path / "store"), map_size=1 << 26) as store:
        for _ in range(8):
            with store.begin(write=True) as writing:
                for _ in range(150):
                    key = b"%04d" % numbers.randrange(1000) + b"k" * numbers.choice((0, 40, 400))
                    value = bytes([numbers.randrange(256)]) * numbers.choice((0, 9, 3000, 9000))
                    writing.put(key, value)
                    wanted[key] = value
                for key in numbers.sample(sorted(wanted), 40):
                    writing.delete(key)
                    del wanted[key]
    assert _walked(tmp_path / "store" / "data.mdb") == sorted(wanted.items())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "store"
    return (make_lmdb(folder, [bytes(700)] * 40 + [bytes(9000)]) / "data.mdb").read_bytes()


def _read_damaged(tmp_path, content):
    path = tmp_path / "data.mdb"
    path.write_bytes(content)
    return _walked(path)


@pytest.mark.parametrize("byte", [0x00, 0x55, 0xFF])
def test_every_page_may_be_damaged(tmp_path: Path, whole, byte: int) -> None:
    for start in range(2 * PAGE, len(whole), PAGE):
        content = whole[:start] + bytes([byte]) * PAGE + whole[start + PAGE :]
        # Pages that are free, and the values themselves, are not looked at.
        try:
            assert len(_read_damaged(tmp_path, content)) == 41
        except LmdbError as error:
            assert "page" in str(error)


def test_a_root_behind_the_end_of_the_file_is_refused(tmp_path: Path, whole) -> None:
    content = bytearray(whole)
    for head in (0, PAGE):
        content[head + ROOT_BYTES.start : head + ROOT_BYTES.stop] = (10**6).to_bytes(8, "little")
    with pytest.raises(LmdbError, match="there is no page 1000000"):
        _read_damaged(tmp_path, content)


def test_pages_that_change_places_are_found(tmp_path: Path, whole) -> None:
    """Their records would come in a wrong order, or twice."""
    pages = [whole[start : start + PAGE] for start in range(0, len(whole), PAGE)]
    pages[2], pages[4] = pages[4], pages[2]
    with pytest.raises(LmdbError, match="not what the pages before it say"):
        _read_damaged(tmp_path, b"".join(pages))


def test_a_torn_first_head_leaves_the_second(tmp_path: Path, whole) -> None:
    assert len(_read_damaged(tmp_path, bytes(PAGE) + whole[PAGE:])) == 41


def test_several_values_under_one_key_are_refused(tmp_path: Path, whole) -> None:
    content = bytearray(whole)
    for head in (0, PAGE):
        content[head + 16 + 24 + 48 + 4] |= 4
    with pytest.raises(LmdbError, match="several values under one key"):
        _read_damaged(tmp_path, content)


def test_more_records_than_there_are_cost_one_error(tmp_path: Path, whole) -> None:
    content = bytearray(whole)
    for head in (0, PAGE):
        place = head + ROOT_BYTES.start - 8
        content[place : place + 8] = (60).to_bytes(8, "little")
    (tmp_path / "data.mdb").write_bytes(content)
    walk = open_records(tmp_path)
    with pytest.raises(UserError, match="is damaged: it announces 60 records and holds others"):
        walk.value(50)
