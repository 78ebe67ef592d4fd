import os
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from mycaffe_py.data.database import add_split, write_dataset
from mycaffe_py.data.database_reading import read_source, read_splits
from mycaffe_py.errors import UserError, Where
from tests.data.made import small_source


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "SMALL.sqlite"
    sources = {
        "training": small_source(count=600),
        "testing": small_source("SMALL.testing", count=9, dtype=np.float32),
    }
    write_dataset(path, "SMALL", sources, "about it")
    return path


@pytest.mark.parametrize("split", ["training", "testing"])
def test_what_was_written_is_read(path, split):
    count, dtype = {"training": (600, np.uint8), "testing": (9, np.float32)}[split]
    wanted = small_source(count=count, dtype=dtype)
    found = read_source(path, "SMALL", split)
    assert found.name == f"SMALL.{split}"
    assert np.array_equal(found.images, wanted.images)
    assert found.images.dtype == dtype
    assert found.images.flags.c_contiguous
    assert np.array_equal(found.labels, wanted.labels)
    assert found.label_names == wanted.label_names
    assert found.checksum == wanted.checksum
    assert np.array_equal(found.mean(), wanted.mean())
    assert found.description == "about it"


def test_splits_in_their_order(path):
    assert read_splits(path) == ["training", "testing"]


def test_unknown_split_names_the_nearest(path):
    with pytest.raises(UserError, match=r"a\.prototxt:3: .*no split 'trainig'.*'training'"):
        read_source(path, "SMALL", "trainig", Where("a.prototxt", 3))


def test_progress_counts_every_image(tmp_path):
    seen = []
    write_dataset(tmp_path / "S.sqlite", "S", {"all": small_source()}, progress=seen.append)
    assert sum(seen) == 30


def _run(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


DAMAGE = {
    "short image": "UPDATE images SET data = x'00' WHERE id = 300",
    "missing image": "DELETE FROM images WHERE id = 300",
    "negative label": "UPDATE images SET label = -1 WHERE id = 5",
    "text label": "UPDATE images SET label = 'x' WHERE id = 5",
    "text image": "UPDATE images SET data = 'words' WHERE id = 5",
    "null-like count": "UPDATE sources SET image_count = 0",
    "huge count": "UPDATE sources SET image_count = 1000000000000",
    "huge shape": "UPDATE sources SET height = 100000000",
    "text shape": "UPDATE sources SET height = 'tall'",
    "unknown type": "UPDATE sources SET dtype = 'float16'",
    "no mean": "DELETE FROM means",
    "short mean": "UPDATE means SET data = x'00'",
    "no table": "DROP TABLE labels",
    "other version": "PRAGMA user_version = 99",
    "other program": "PRAGMA application_id = 7",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE.keys())
def test_damage_is_one_error(path, statement):
    _run(path, statement)
    with pytest.raises(UserError, match=r"SMALL\.sqlite is damaged or not an image database"):
        read_source(path, "SMALL", "training")


@pytest.mark.parametrize("keep", [0, 1, 100, 5_000, 20_000])
def test_a_truncated_file_is_one_error(path, keep):
    content = path.read_bytes()
    assert len(content) > 40_000
    path.write_bytes(content[:keep])
    with pytest.raises(UserError, match="damaged or not an image database"):
        read_source(path, "SMALL", "training")


def test_garbage_is_one_error(path):
    path.write_bytes(os.urandom(50_000))
    with pytest.raises(UserError, match="not a database"):
        read_source(path, "SMALL", "training")


def test_overwritten_middle_never_gives_a_traceback(path):
    content = bytearray(path.read_bytes())
    numbers = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(content)
        start = int(numbers.integers(0, len(content) - 64))
        broken[start : start + 64] = numbers.bytes(64)
        path.write_bytes(broken)
        try:
            source = read_source(path, "SMALL", "training")
        except UserError:
            continue
        assert source.images.shape == (600, 2, 5, 4)


def test_failing_to_write_leaves_the_old_file(path):
    before = path.read_bytes()

    def fail(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left"):
        write_dataset(path, "SMALL", {"training": small_source()}, progress=fail)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_folder_that_is_a_file_is_one_error(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(UserError, match=r"could not be written.*MYCAFFE_DATA"):
        write_dataset(tmp_path / "taken" / "S.sqlite", "S", {"all": small_source()})


def test_readers_are_not_disturbed_by_a_new_version(path):
    failures = []

    def read():
        for _ in range(15):
            count = len(read_source(path, "SMALL", "training"))
            if count not in (600, 30):
                failures.append(count)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(5):
        write_dataset(path, "SMALL", {"training": small_source()})
    for reader in readers:
        reader.join()
    assert failures == []
    assert len(read_source(path, "SMALL", "training")) == 30


def test_names_and_scaling_of_counters_are_kept_with_their_source(tmp_path):
    path = tmp_path / "A.sqlite"
    plain = small_source()
    windows = replace(small_source(), counters='{"names": ["x"]}')
    write_dataset(path, "A", {"training": windows, "testing": plain})
    assert read_source(path, "A", "training").counters == windows.counters
    assert read_source(path, "A", "testing").counters == ""
    add_split(path, "training", plain)
    assert read_source(path, "A", "training").counters == ""
    add_split(path, "more", windows)
    assert read_source(path, "A", "more").counters == windows.counters


def test_a_file_without_counters_has_no_table_of_them(tmp_path):
    path = tmp_path / "A.sqlite"
    write_dataset(path, "A", {"training": small_source()})
    with closing(sqlite3.connect(path)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "counters" not in tables
    add_split(path, "training", small_source())
    assert read_source(path, "A", "training").counters == ""


def test_a_label_from_a_folder_name_that_is_no_utf8_is_written_out(tmp_path):
    source = replace(small_source(), label_names={0: "caf\udce9", 1: "\x1b[1m", 2: "c"})
    write_dataset(tmp_path / "S.sqlite", "S", {"training": source}, "images from /\udcff")
    found = read_source(tmp_path / "S.sqlite", "S", "training")
    assert found.label_names == {0: "caf\\xe9", 1: "\x1b[1m", 2: "c"}


def test_what_a_killed_process_began_to_change_is_undone_by_the_next_reader(path):
    """Rows go to the file before the end where the cache is full; the journal tells what was."""
    before = read_source(path, "SMALL", "training").checksum
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE images SET data = zeroblob(20000), label = 7")
        whole, journal = path.read_bytes(), path.with_name(f"{path.name}-journal").read_bytes()
        connection.rollback()
    path.write_bytes(whole)
    path.with_name(f"{path.name}-journal").write_bytes(journal)
    found = read_source(path, "SMALL", "training")
    assert found.checksum == before and set(found.labels) != {7}
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    path.with_name(f"{path.name}-journal").write_bytes(b"")
    assert read_splits(path) == ["training", "testing"]
    assert [p.name for p in path.parent.iterdir()] == [path.name]
