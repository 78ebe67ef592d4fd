import os
import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.image_database.database import add_split, write_dataset
from mycaffe_py.data.image_database.database_reading import read_source, read_splits
from mycaffe_py.data.image_database.row_files import rows_folder, writing
from mycaffe_py.errors import UserError, Where
from tests.data.image_database.old_form import write_old
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
def test_what_was_written_is_read(path, split: str) -> None:
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


def test_splits_in_their_order(path) -> None:
    assert read_splits(path) == ["training", "testing"]


def test_unknown_split_names_the_nearest(path) -> None:
    with pytest.raises(UserError, match=r"a\.prototxt:3: .*no split 'trainig'.*'training'"):
        read_source(path, "SMALL", "trainig", Where("a.prototxt", 3))


def test_progress_counts_every_image(tmp_path: Path) -> None:
    seen = []
    write_dataset(tmp_path / "S.sqlite", "S", {"all": small_source()}, progress=seen.append)
    assert sum(seen) == 30


def _run(path, *statements):
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def old_path(path):
    """The same as version 1 wrote it."""
    sources = {split: read_source(path, "SMALL", split) for split in read_splits(path)}
    write_old(path, "SMALL", sources, "about it")
    shutil.rmtree(rows_folder(path))
    return path


OLD_DAMAGE = {
    "short image": "UPDATE images SET data = x'00' WHERE id = 300",
    "missing image": "DELETE FROM images WHERE id = 300",
    "negative label": "UPDATE images SET label = -1 WHERE id = 5",
    "text label": "UPDATE images SET label = 'x' WHERE id = 5",
    "text image": "UPDATE images SET data = 'words' WHERE id = 5",
}
NEW_DAMAGE = {
    "short labels": "UPDATE stored SET labels = x'00'",
    "text labels": "UPDATE stored SET labels = 'words'",
    "negative labels": "UPDATE stored SET labels = (SELECT unhexed FROM ff)",
    "unknown form": "UPDATE stored SET form = 'tape'",
    "another folder": "UPDATE stored SET file = '../training.rows'",
    "no file": "UPDATE stored SET file = ''",
    "pictures without sizes": "UPDATE stored SET form = 'pictures'",
    "lost": "DELETE FROM stored",
}
DAMAGE = {
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
def test_damage_is_one_error(path, statement) -> None:
    _run(path, statement)
    _refused(path)


@pytest.mark.parametrize("name", NEW_DAMAGE)
def test_damage_of_what_is_said_of_images_is_one_error(path, name) -> None:
    ones = "ff" * 8 * 600
    _run(path, NEW_DAMAGE[name].replace("(SELECT unhexed FROM ff)", f"x'{ones}'"))
    _refused(path)


@pytest.mark.parametrize("name", {**OLD_DAMAGE, **DAMAGE})
def test_damage_of_a_file_of_version_1_is_one_error(old_path, name) -> None:
    _run(old_path, {**OLD_DAMAGE, **DAMAGE}[name])
    _refused(old_path)


@pytest.mark.parametrize("size", [0, 23_999, 24_001])
def test_a_file_of_images_of_another_size_is_one_error(path, size) -> None:
    (rows,) = rows_folder(path).glob("training.*.rows")
    assert rows.stat().st_size == 24_000
    os.truncate(rows, size)
    with pytest.raises(UserError, match=f"training.*has {size:,} bytes, 24,000 are announced"):
        read_source(path, "SMALL", "training")


def test_a_dataset_file_without_its_images_says_what_is_missing(path) -> None:
    rows_folder(path).rename(path.with_name("elsewhere"))
    with pytest.raises(UserError, match=r"there is no .*SMALL\.rows.*Copy or rename both together"):
        read_source(path, "SMALL", "training")


def _refused(path) -> None:
    with pytest.raises(UserError, match=r"SMALL\.sqlite is damaged or not an image database"):
        read_source(path, "SMALL", "training")


@pytest.mark.parametrize("keep", [0, 1, 100, 5_000, 9_000])
def test_a_truncated_file_is_one_error(path, keep: int) -> None:
    content = path.read_bytes()
    assert len(content) > 10_000
    path.write_bytes(content[:keep])
    with pytest.raises(UserError, match="damaged or not an image database"):
        read_source(path, "SMALL", "training")


def test_garbage_is_one_error(path) -> None:
    path.write_bytes(os.urandom(50_000))
    with pytest.raises(UserError, match="not a database"):
        read_source(path, "SMALL", "training")


def test_overwritten_middle_never_gives_a_traceback(path) -> None:
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


def test_failing_to_write_leaves_the_old_file(path) -> None:
    before = path.read_bytes()

    def fail(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left"):
        write_dataset(path, "SMALL", {"training": small_source()}, progress=fail)
    assert path.read_bytes() == before
    assert len(read_source(path, "SMALL", "training")) == 600
    assert sorted(p.name for p in path.parent.iterdir()) == ["SMALL.rows", path.name]
    assert len(list(rows_folder(path).iterdir())) == 2


def test_failing_to_write_the_first_time_leaves_nothing(tmp_path: Path) -> None:
    def fail(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="No space left"):
        write_dataset(tmp_path / "S.sqlite", "S", {"training": small_source()}, progress=fail)
    assert list(tmp_path.iterdir()) == []


def test_a_new_version_leaves_no_images_of_the_old_one(path) -> None:
    before = read_source(path, "SMALL", "training")
    write_dataset(path, "SMALL", {"training": small_source()})
    assert len(list(rows_folder(path).iterdir())) == 1
    # Who has the old one open goes on.
    assert before.found_checksum() == before.checksum


def test_nobody_else_writes_meanwhile(path) -> None:
    with (
        writing(path),
        pytest.raises(UserError, match="dataset 'SMALL' is held by"),
        writing(path, wait_s=0),
    ):
        pass


def test_a_split_is_added_to_a_file_of_version_1(old_path) -> None:
    add_split(old_path, "more", small_source("SMALL.more"))
    assert read_splits(old_path) == ["training", "testing", "more"]
    for split in ("training", "testing", "more"):
        source = read_source(old_path, "SMALL", split)
        assert source.found_checksum() == source.checksum
    add_split(old_path, "training", small_source())
    assert len(read_source(old_path, "SMALL", "training")) == 30
    with closing(sqlite3.connect(old_path)) as connection:
        assert connection.execute("SELECT count(*) FROM images").fetchone()[0] == 9


def test_images_are_mapped_and_not_read(path) -> None:
    images = read_source(path, "SMALL", "training").images
    base = images
    while base.base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_a_folder_that_is_a_file_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(UserError, match=r"could not be written.*MYCAFFE_DATA"):
        write_dataset(tmp_path / "taken" / "S.sqlite", "S", {"all": small_source()})


def test_readers_are_not_disturbed_by_a_new_version(path) -> None:
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


def test_names_and_scaling_of_counters_are_kept_with_their_source(tmp_path: Path) -> None:
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


def test_a_file_without_counters_has_no_table_of_them(tmp_path: Path) -> None:
    path = tmp_path / "A.sqlite"
    write_dataset(path, "A", {"training": small_source()})
    with closing(sqlite3.connect(path)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert "counters" not in tables
    add_split(path, "training", small_source())
    assert read_source(path, "A", "training").counters == ""


def test_a_label_from_a_folder_name_that_is_no_utf8_is_written_out(tmp_path: Path) -> None:
    source = replace(small_source(), label_names={0: "caf\udce9", 1: "\x1b[1m", 2: "c"})
    write_dataset(tmp_path / "S.sqlite", "S", {"training": source}, "images from /\udcff")
    found = read_source(tmp_path / "S.sqlite", "S", "training")
    assert found.label_names == {0: "caf\\xe9", 1: "\x1b[1m", 2: "c"}


def test_what_a_killed_process_began_to_change_is_undone_by_the_next_reader(old_path) -> None:
    """Rows go to the file before the end where the cache is full; the journal tells what was."""
    path = old_path
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
