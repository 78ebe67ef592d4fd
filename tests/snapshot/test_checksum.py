"""Checksums of files."""

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.checksum import checksum


def test_it_is_the_sha256_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")
    assert checksum(tmp_path / "f").startswith("ba7816bf8f01cfea")


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*gone: No such file"):
        checksum(tmp_path / "gone")
