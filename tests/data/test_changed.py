"""A data set whose images changed behind its checksum is refused when a run begins."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.data import changed
from mycaffe_py.data.changed import check_unchanged, trust_new
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.row_files import rows_folder
from mycaffe_py.data.label_match import match
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.conftest import SMALL_CLASSIFIER, SMALL_SOLVER
from tests.data.image_database.old_form import write_old
from tests.data.made import small_source


@pytest.fixture(params=["version 1", "version 2"])
def path(request: pytest.FixtureRequest) -> Path:
    path = dataset_path("SMALL")
    write = write_old if request.param == "version 1" else write_dataset
    write(path, "SMALL", {"training": small_source()})
    return path


def spoil(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] == 1:
            connection.execute("UPDATE images SET label = 1 WHERE idx = 3")
            return
        (labels,) = connection.execute("SELECT labels FROM stored").fetchone()
        changed_labels = labels[:24] + bytes([1]) + labels[25:]
        assert changed_labels != labels
        connection.execute("UPDATE stored SET labels = ?", (changed_labels,))


def test_a_pixel_that_has_changed_in_the_rows_is_seen() -> None:
    path = dataset_path("SMALL")
    write_dataset(path, "SMALL", {"training": small_source()})
    check_unchanged(open_source("SMALL.training"))
    (rows,) = rows_folder(path).glob("*.rows")
    content = bytearray(rows.read_bytes())
    content[100] ^= 1
    rows.write_bytes(content)
    with pytest.raises(UserError, match="have changed"):
        check_unchanged(open_source("SMALL.training"))


def test_a_set_that_was_just_made_is_not_read_to_be_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_dataset(dataset_path("SMALL"), "SMALL", {"training": small_source()})
    source = open_source("SMALL.training")
    trust_new(source)
    monkeypatch.setattr(changed, "_stored_sum", lambda *parts: pytest.fail("read"))
    check_unchanged(source)


def test_a_label_that_has_changed_is_seen(path: Path) -> None:
    check_unchanged(open_source("SMALL.training"))
    spoil(path)
    with pytest.raises(UserError, match=r"labels of 'SMALL\.training' have changed.*--force"):
        check_unchanged(open_source("SMALL.training"))


def test_labels_numbered_as_those_of_another_data_set_are_no_change(path: Path) -> None:
    stored = open_source("SMALL.training")
    learned = {0: "class 2", 1: "class 0"}
    numbered = match(stored, learned).source
    assert len(numbered) < len(stored)
    check_unchanged(numbered)
    check_unchanged(stored)
    spoil(path)
    with pytest.raises(UserError, match="have changed"):
        check_unchanged(match(open_source("SMALL.training"), learned).source)


def test_images_are_summed_only_when_the_file_has_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source("SMALL.training")
    check_unchanged(source)
    monkeypatch.setattr(changed, "_stored_sum", lambda *parts: pytest.fail("read again"))
    check_unchanged(source)


def test_built_in_data_and_sources_without_a_file_are_not_looked_at() -> None:
    check_unchanged(open_source("digits28.testing"))
    check_unchanged(small_source("NOWHERE.training"))
    check_unchanged(small_source("a folder"))


def test_neither_train_nor_resume_begins_with_changed_data(
    mycaffe: Callable[..., Any], path: Path, tmp_path: Path
) -> None:
    (tmp_path / "s.prototxt").write_text(SMALL_CLASSIFIER.replace("digits28", "SMALL"))
    text = SMALL_SOLVER.replace("NAME", "s").replace("TESTS", "")
    (tmp_path / "s.solver").write_text(text.replace("max_iter: 150", "max_iter: 4"))
    assert mycaffe("train", "--solver", "s.solver", "--threads", "1").code == 0
    spoil(path)
    for command in (("train", "--solver", "s.solver"), ("resume", "--iterations", "8")):
        done = mycaffe(*command, "--threads", "1")
        assert done.code == 2
        assert "'SMALL.training' have changed since it was made" in done.err
