import tracemalloc
from pathlib import Path

import lmdb
import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.caffe_stores.store_copy import source_of_records, write_lmdb
from mycaffe_py.data.caffe_stores.stores import open_records
from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import Datum
from tests.data.made import small_source
from tests.data.stores import MAKERS, encoded_datum, make_lmdb, raw_datum, some_images


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_there_and_back(tmp_path: Path, dtype) -> None:
    source = small_source(dtype=dtype)
    done = []
    write_lmdb(source, tmp_path / "db", progress=done.append)
    again = source_of_records(open_records(tmp_path / "db"), source.name, progress=done.append)
    assert np.array_equal(again.images, source.images)
    assert again.images.dtype == dtype
    assert np.array_equal(again.labels, source.labels)
    assert again.checksum == source.checksum
    assert sum(done) == 60


def test_as_caffe_writes_it(tmp_path: Path) -> None:
    source = small_source()
    write_lmdb(source, tmp_path / "db")
    with (
        lmdb.open(str(tmp_path / "db"), readonly=True, lock=False) as store,
        store.begin() as transaction,
    ):
        records = list(transaction.cursor())
    assert [key for key, _ in records] == [b"%08d" % number for number in range(30)]
    for number, (_, value) in enumerate(records):
        wanted = raw_datum(source.images[number], int(source.labels[number]))
        assert Datum.FromString(value) == Datum.FromString(wanted)
        assert not Datum.FromString(value).encoded
    assert sorted(path.name for path in (tmp_path / "db").iterdir()) == ["data.mdb"]
    assert [path.name for path in tmp_path.iterdir()] == ["db"]


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 28, 28), (1, 40, 50), (3, 33, 41), (3, 64, 64)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_there_is_room_for_images_of_any_size(
    tmp_path: Path, shape: tuple[int, ...], dtype
) -> None:
    images, labels = some_images(2500 if shape[1] < 30 else 300, shape, dtype)
    write_lmdb(make_source("X.all", images, labels), tmp_path / "db")
    again = source_of_records(open_records(tmp_path / "db"), "X.all")
    assert np.array_equal(again.images, images)


def test_blue_first(tmp_path: Path) -> None:
    images, labels = some_images(shape=(3, 4, 4))
    source = make_source("X.all", images, labels)
    write_lmdb(source, tmp_path / "db", swap=True)
    walk = open_records(tmp_path / "db")
    assert np.array_equal(source_of_records(walk, "X.all").images, images[:, ::-1])
    assert np.array_equal(source_of_records(walk, "X.all", swap=True).images, images)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("swap", [False, True])
def test_encoded_pictures_become_rgb(tmp_path: Path, kind, swap: bool) -> None:
    pictures = np.random.default_rng(1).integers(0, 256, (3, 4, 5, 3)).astype(np.uint8)
    values = [encoded_datum(picture, 7) for picture in pictures]
    walk = open_records(MAKERS[kind](tmp_path / "db", values))
    source = source_of_records(walk, "X.all", swap)
    assert np.array_equal(source.images, pictures.transpose(0, 3, 1, 2))
    assert source.labels.tolist() == [7, 7, 7]


def test_records_that_differ(tmp_path: Path) -> None:
    images, _ = some_images()
    values = [raw_datum(images[0], 1), raw_datum(images[0][:, :4], 1)]
    wanted = r"record 1 of .*db is uint8 \(2, 4, 4\); the first one is uint8 \(2, 5, 4\)"
    with pytest.raises(UserError, match=wanted):
        source_of_records(open_records(make_lmdb(tmp_path / "db", values)), "X.all")


def test_nothing_is_overwritten_and_nothing_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "db").mkdir()
    with pytest.raises(UserError, match="db is there already"):
        write_lmdb(small_source(), tmp_path / "db")
    monkeypatch.setattr("mycaffe_py.data.caffe_stores.store_copy._STORE_BYTES", -30 * 4096)
    with pytest.raises(UserError, match=r"other could not be written: .*MDB_MAP_FULL"):
        write_lmdb(small_source(), tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["db"]


def test_a_large_store_is_not_read_into_memory(tmp_path: Path) -> None:
    """500 images of 40,000 bytes: 20 MB."""
    images = np.zeros((500, 1, 200, 200), np.uint8)
    images[:, 0, 0, 0] = np.arange(500) % 256
    source = make_source("X.all", images, np.arange(500) % 7)
    write_lmdb(source, tmp_path / "db")
    tracemalloc.start()
    try:
        again = source_of_records(open_records(tmp_path / "db"), "X.all")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert again.checksum == source.checksum
