import gc
import sys
from pathlib import Path

import pytest

from mycaffe_py.data.caffe_stores.stores import PLYVEL, open_records, store_kind
from mycaffe_py.errors import UserError, Where
from tests.data.stores import MAKERS, make_leveldb, make_lmdb

VALUES = [b"a", b"", b"ccc" * 4000, b"d"]


@pytest.mark.parametrize("kind", MAKERS)
def test_values_in_the_order_of_keys(tmp_path: Path, kind) -> None:
    folder = MAKERS[kind](tmp_path / "store", VALUES)
    assert store_kind(folder) == kind
    for wanted in (kind, ""):
        walk = open_records(folder, wanted)
        assert [walk.value(number) for number in (0, 1, 2, 3, 4, 2)] == [*VALUES, b"a", VALUES[2]]
        assert walk.length() == 4


@pytest.mark.slow
@pytest.mark.parametrize("kind", MAKERS)
def test_a_folder_may_be_read_twice_at_once_and_again(tmp_path: Path, kind) -> None:
    folder = MAKERS[kind](tmp_path / "store", VALUES)
    one, two = open_records(folder), open_records(tmp_path / "store" / ".." / "store")
    assert one.value(3) == two.value(3) == b"d"
    del one, two
    gc.collect()
    assert open_records(folder).value(0) == b"a"


def test_reading_leaves_no_lock_file(tmp_path: Path) -> None:
    folder = make_lmdb(tmp_path / "store", VALUES)
    (folder / "lock.mdb").unlink()
    open_records(folder).value(1)
    assert [path.name for path in folder.iterdir()] == ["data.mdb"]


@pytest.mark.parametrize("kind", MAKERS)
def test_empty_stores(tmp_path: Path, kind) -> None:
    with pytest.raises(UserError, match="holds no records"):
        open_records(MAKERS[kind](tmp_path / "store", []))


def test_a_truncated_lmdb(tmp_path: Path) -> None:
    folder = make_lmdb(tmp_path / "store", [bytes(5000)] * 20)
    path = folder / "data.mdb"
    whole = path.read_bytes()
    for size in (len(whole) - 1, len(whole) // 2, 9000, 4000, 10, 0):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError, match=r"net\.prototxt:2: .*is no LMDB folder or damaged"):
            open_records(folder, "LMDB", Where("net.prototxt", 2))


def test_an_lmdb_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data.mdb").write_bytes(b"nonsense" * 5000)
    with pytest.raises(UserError, match="is no LMDB folder or damaged"):
        open_records(tmp_path, "LMDB")


def test_a_damaged_leveldb(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("MANIFEST-000001\n")
    with pytest.raises(UserError, match=r"LevelDB folder .* cannot be opened"):
        open_records(tmp_path, "LEVELDB")


def test_folders_of_another_kind(tmp_path: Path) -> None:
    folder = make_lmdb(tmp_path / "store", VALUES)
    with pytest.raises(UserError, match=r"holds a LMDB store.* Say backend: LMDB"):
        open_records(folder, "LEVELDB")
    with pytest.raises(UserError, match=r"is no LMDB folder.*no file 'data\.mdb'"):
        open_records(tmp_path, "LMDB")
    with pytest.raises(UserError, match=r"no LMDB or LevelDB folder.*'data\.mdb' or 'CURRENT'"):
        open_records(tmp_path)
    with pytest.raises(UserError, match=r"there is no folder .*none"):
        open_records(tmp_path / "none", "LMDB")


def test_leveldb_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_leveldb(tmp_path / "store", VALUES)
    monkeypatch.setitem(sys.modules, PLYVEL, None)
    with pytest.raises(UserError, match=r"pip install .*'.*\[leveldb\]'"):
        open_records(folder)


def test_lmdb_is_read_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_lmdb(tmp_path / "store", VALUES)
    monkeypatch.setitem(sys.modules, "lmdb", None)
    assert open_records(folder).value(3) == b"d"
