from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import pytest

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.atomic import check_writable, write_atomically


def test_folders_are_made_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"one")
    write_atomically(path, lambda file: file.write(b"two") and None)
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_failure_keeps_the_old_file_and_removes_the_new(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(
        MyCaffeError, match=r"cannot write .*file: No space left on device"
    ) as error:
        write_atomically(path, fail)
    assert error.value.exit_code == 1
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(MyCaffeError, match="cannot write"):
        write_atomically(tmp_path / "file" / "below", b"x")


def test_a_stream_takes_the_bytes_as_they_come() -> None:
    """A pipe or a device cannot be renamed to: /dev/null must be there afterwards."""
    write_atomically(Path("/dev/null"), b"x")
    assert not Path("/dev/null").is_file()
    assert list(Path("/dev").glob(".null*")) == []


def test_what_stands_in_the_way_is_foreseen_and_nothing_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for path, told in (
        (tmp_path / "file" / "below" / "x", "file' is no folder"),
        (tmp_path, "directory"),
        (tmp_path / ("x" * 300), "too long"),
    ):
        with pytest.raises(MyCaffeError, match=told):
            check_writable(path)
    for path in (tmp_path / "new" / "newer" / "x", tmp_path / "file", Path("/dev/null")):
        check_writable(path)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
