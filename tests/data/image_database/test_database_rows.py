"""A set is looked through without being loaded."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.image_database.database_reading import read_source
from mycaffe_py.data.image_database.database_rows import read_rows
from mycaffe_py.errors import UserError
from tests.data.image_database.old_form import write_old


@pytest.fixture
def colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """50 pictures of 3 channels, 4 x 6, of the labels 0 and 7, in a file."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path))
    images = np.random.default_rng(1).integers(0, 256, (50, 3, 4, 6)).astype(np.uint8)
    labels = np.array([0, 7] * 25, np.int64)
    source = make_source("COLOURS.training", images, labels, {7: "seven"})
    other = make_source("COLOURS.testing", images[:9], labels[:9])
    path = tmp_path / "COLOURS.sqlite"
    write_old(path, "COLOURS", {"testing": other, "training": source})
    return path


@pytest.mark.parametrize("split", ["training", "testing"])
def test_rows_of_a_file_are_those_of_the_loaded_set(colours: Path, split: str) -> None:
    loaded = read_source(colours, "COLOURS", split)
    rows = read_rows(colours, "COLOURS", split)
    assert len(rows.images) == 0
    records = np.array([8, 0, 7, 7], np.int64)
    np.testing.assert_array_equal(rows.gather(records), loaded.gather(records))
    np.testing.assert_array_equal(rows.labels, loaded.labels)
    np.testing.assert_array_equal(rows.mean(), loaded.mean())
    assert (rows.label_names, rows.checksum) == (loaded.label_names, loaded.checksum)
    assert (len(rows), rows.shape, rows.dtype) == (len(loaded), loaded.shape, loaded.dtype)


def test_no_rows_are_an_empty_array(colours: Path) -> None:
    rows = read_rows(colours, "COLOURS", "training")
    assert rows.gather(np.array([], np.int64)).shape == (0, 3, 4, 6)


def test_an_image_that_is_too_short_is_told_as_damage(colours: Path) -> None:
    rows = read_rows(colours, "COLOURS", "training")
    with closing(sqlite3.connect(colours)) as connection:
        connection.execute("UPDATE images SET data = x'00' WHERE id = ?", (rows.first + 3,))
        connection.commit()
    rows.gather(np.array([2], np.int64))
    with pytest.raises(UserError, match="damaged"):
        rows.gather(np.array([3], np.int64))


def test_labels_that_are_not_there_are_told_as_damage(colours: Path) -> None:
    with closing(sqlite3.connect(colours)) as connection:
        connection.execute("DELETE FROM images WHERE id = (SELECT max(id) FROM images)")
        connection.commit()
    with pytest.raises(UserError, match="damaged"):
        read_rows(colours, "COLOURS", "training")
