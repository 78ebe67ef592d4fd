"""A source as a folder of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.picture_tree import write_pictures
from mycaffe_py.errors import UserError
from tests.data.made import small_source


def _written(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.png")}


def test_pictures_appear_all_at_once(tmp_path: Path) -> None:
    source = small_source()
    seen: list[int] = []

    def progress(count: int) -> None:
        seen.append(count)
        assert not (tmp_path / "out").exists()

    write_pictures(source, tmp_path / "out", progress)
    assert sum(seen) == len(source) == len(_written(tmp_path / "out"))
    label = source.label_names[int(source.labels[3])]
    with Image.open(tmp_path / "out" / label / "03.png") as picture:
        assert np.array_equal(np.asarray(picture).reshape(source.shape[1:]), source.images[3, 0])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_is_there_keeps_what_else_it_holds(tmp_path: Path) -> None:
    write_pictures(small_source(), tmp_path / "new", lambda count: None)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    write_pictures(small_source(), tmp_path / "out", lambda count: None)
    assert _written(tmp_path / "out") == _written(tmp_path / "new")
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(count: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(UserError, match="out could not be written: No space left on device"):
        write_pictures(small_source(), tmp_path / "out", full)
    assert list(tmp_path.iterdir()) == []
