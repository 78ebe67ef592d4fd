"""A data set whose images changed behind its checksum is refused when a run begins."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.data import changed
from mycaffe_py.data.changed import check_unchanged
from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.place import dataset_path
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.conftest import SMALL_CLASSIFIER, SMALL_SOLVER
from tests.data.made import small_source


@pytest.fixture
def path() -> Path:
    path = dataset_path("SMALL")
    write_dataset(path, "SMALL", {"training": small_source()})
    return path


def spoil(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE images SET label = 1 WHERE idx = 3")


def test_a_label_that_has_changed_is_seen(path: Path) -> None:
    check_unchanged(open_source("SMALL.training"))
    spoil(path)
    with pytest.raises(UserError, match=r"labels of 'SMALL\.training' have changed.*--force"):
        check_unchanged(open_source("SMALL.training"))


def test_images_are_summed_only_when_the_file_has_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_source("SMALL.training")
    check_unchanged(source)
    monkeypatch.setattr(changed, "source_checksum", lambda *parts: pytest.fail("read again"))
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
