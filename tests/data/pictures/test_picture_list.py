"""The list of pictures: little of it is in memory, and it reads like a list."""

from __future__ import annotations

import os
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.pictures.boxes import Box
from mycaffe_py.data.pictures.folder import scan_folder
from mycaffe_py.data.pictures.picture_list import Paths, PictureFile, PictureList, list_sum


def test_it_reads_like_a_list() -> None:
    wanted = [
        PictureFile("a/1.png", 0, "training"),
        PictureFile(os.fsdecode(b"b/\xff odd.png"), 70_000, "testing", Box(1, 2, 3, 4, 5)),
        PictureFile("ö.jpg", 3, "validation"),
    ]
    found = PictureList(iter(wanted))
    assert list(found) == wanted and found[1:] == wanted[1:] and len(found) == 3
    with pytest.raises(IndexError):
        found[3]
    assert found.labels.tolist() == [0, 70_000, 3]
    read = np.array([True, True, False])
    assert found.places(read, "testing").tolist() == [1]
    assert found.places(read, "validation").tolist() == []
    assert list(Paths(found, found.places(read, "training"))) == [Path("a/1.png")]
    assert list_sum(found, "x") == list_sum(wanted, "x")
    assert list(PictureList([])) == []


def test_pictures_are_found_in_the_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b/z.png", "b.d/1.png", "b/c/2.png", "b/.hidden/3.png", "b/a.png", "B.png"):
        path = tmp_path / "set" / "x" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "set" / "x" / ".no.png").touch()
    (tmp_path / "set" / "x" / "linked").symlink_to(tmp_path / "set" / "x" / "b")
    (tmp_path / "set" / "x" / "one.png").symlink_to(tmp_path / "set" / "x" / "B.png")
    below = sorted(
        path
        for path in (tmp_path / "set" / "x").rglob("*")
        if path.is_file() and not path.name.startswith(".") and "linked" not in path.parts
    )
    assert [one.path for one in scan_folder(tmp_path / "set").pictures] == below
    assert len(below) == 7


def test_a_picture_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        found = PictureList(
            PictureFile(f"set/{n % 7}/{n:09}.png", n, "training") for n in range(9999)
        )
        # What other threads of this process, or its garbage, hold meanwhile is not the list's.
        files = (__file__, sys.modules[PictureList.__module__].__file__ or "")
        held = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.Filter(True, file) for file in files]
        )
        assert sum(one.size for one in held.statistics("filename")) < 9999
    finally:
        tracemalloc.stop()
    assert found[9998].name.endswith("/000009998.png")
