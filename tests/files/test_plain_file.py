"""Devices and pipes that a text names cost one line, no memory and no wait."""

import os
from pathlib import Path

import pytest

from mycaffe_py.data.caffe_stores.hdf5_reading import open_files
from mycaffe_py.data.caffe_stores.image_list import read_list
from mycaffe_py.data.pictures.decoding import read_file
from mycaffe_py.data.pictures.deep_picture import UnreadableError
from mycaffe_py.data.transform.mean_file import read_mean
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.plain_file import check_plain, read_plain, read_plain_text

AT = Where("net.prototxt", 1)


@pytest.fixture(params=["device", "pipe"])
def endless(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "device":
        return Path("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_a_device_and_a_pipe_are_no_plain_file(endless: Path) -> None:
    with pytest.raises(OSError, match="device or a pipe"):
        check_plain(endless)


def test_a_plain_file_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("é 1", encoding="utf-8")
    assert read_plain(tmp_path / "a") == b"\xc3\xa9 1"
    assert read_plain_text(tmp_path / "a") == "é 1"
    with pytest.raises(IsADirectoryError):
        read_plain(tmp_path)


def test_a_list_that_is_a_device_or_a_pipe_is_told_at_its_layer(endless: Path) -> None:
    with pytest.raises(UserError, match=r"net.prototxt:1: list file .* device or a pipe"):
        read_list(endless, "", AT)
    with pytest.raises(UserError, match=r"net.prototxt:1: list file .* device or a pipe"):
        open_files(endless, ["data"], AT)


def test_a_picture_a_mean_and_an_hdf5_file_are_none_either(endless: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="device or a pipe"):
        read_file(endless)
    with pytest.raises(UserError, match="device or a pipe"):
        read_mean(endless, AT)
    (tmp_path / "list.txt").write_text(f"{endless}\n")
    with pytest.raises(UserError, match="device or a pipe"):
        open_files(tmp_path / "list.txt", ["data"], AT)


def test_the_mark_that_windows_editors_put_ahead_is_no_part_of_a_name(tmp_path: Path) -> None:
    """The first picture of such a list could not be found."""
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfone.png 1\r\n")
    assert read_plain_text(tmp_path / "a").split() == ["one.png", "1"]
