"""What was made can be removed, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_removal import remove_dataset
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.errors import UserError
from tests.data.tables import small_card, write_table


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def _write(path: Path) -> None:
    source = make_source("A.training", np.zeros((2, 1, 3, 3), np.uint8), np.array([0, 1]))
    write_dataset(path, "A", {"training": source})


def test_a_file_goes_with_what_a_killed_process_left_beside_it(folder: Path) -> None:
    _write(folder / "A.sqlite")
    (folder / "A.sqlite-wal").write_bytes(b"")
    remove_dataset("A")
    assert not list(folder.iterdir())


def test_a_table_of_features_goes_with_its_folder(folder: Path) -> None:
    write_table(small_card())
    remove_dataset("T")
    assert not list(folder.iterdir())


def test_of_a_link_only_the_link_goes(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    _write(tmp_path / "kept.sqlite")
    (folder / "A.sqlite").symlink_to(tmp_path / "kept.sqlite")
    remove_dataset("A")
    assert not list(folder.iterdir())
    assert (tmp_path / "kept.sqlite").is_file()


@pytest.mark.parametrize("name", ["digits28", "MNIST", "../x", ""])
def test_what_is_not_made_here_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        remove_dataset(name)
