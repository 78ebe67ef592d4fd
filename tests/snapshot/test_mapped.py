from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.mapped import map_file


def test_released_pages_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(range(256)) * 100)
    mapped = map_file(path)
    before = bytes(mapped.data)
    mapped.release()
    assert bytes(mapped.data) == before == path.read_bytes()


def test_an_empty_file_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert len(map_file(tmp_path / "empty").data) == 0
    for name in ("missing", ".", "nul\0l"):
        with pytest.raises(UserError, match="cannot read"):
            map_file(tmp_path / name)
