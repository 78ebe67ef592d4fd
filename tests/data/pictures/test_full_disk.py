"""A disk that fills up while pictures are read: what stays is told, or nothing stays."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.cli.main import main
from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.pictures import begun_reading
from mycaffe_py.data.source import open_source

CREATE = ["dataset", "create", "images", "set", "--name", "P", "--gray"]


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(begun_reading, "COMMIT_S", 0.0)
    for place in range(70):
        path = tmp_path / "set" / "ab"[place % 2] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((4, 4), place, np.uint8)).save(path)


def _full_at(commit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full at so many waits for it."""
    whole, seen = os.fsync, [0]

    def fsync(handle: int) -> None:
        seen[0] += 1
        if seen[0] >= commit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("encoded", [[], ["--encoded"]])
def test_of_nothing_safe_nothing_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], encoded: list[str]
) -> None:
    _full_at(1, monkeypatch)
    assert main([*CREATE, *encoded]) == 2
    told = capsys.readouterr().err
    assert "No space left on device. Free some space" in told and "goes on" not in told
    assert not list(data_folder().glob("*"))


@pytest.mark.parametrize("encoded", [[], ["--encoded"]])
def test_what_stays_is_told_and_taken_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], encoded: list[str]
) -> None:
    with monkeypatch.context() as full:
        _full_at(5, full)
        assert main([*CREATE, *encoded]) == 2
    told = capsys.readouterr().err
    assert f"the same command goes on with what it has read ({data_folder()}/P.rows/st" in told
    read: list[object] = []
    whole = begun_reading.BegunReading.add
    monkeypatch.setattr(
        begun_reading.BegunReading, "add", lambda *args: (read.append(args), whole(*args))[1]
    )
    assert main([*CREATE, *encoded]) == 0
    assert len(read) == 38
    source = open_source("P.training")
    assert source.found_checksum() == source.checksum and len(source) == 70
    assert not (data_folder() / "P.rows" / "started").exists()
