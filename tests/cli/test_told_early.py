"""What is not there, or cannot be written, is told before anything that takes long is begun."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mycaffe_py.trained.run_net import RunNet
from tests.conftest import Result

Run = Callable[..., Result]


@pytest.fixture
def unused(siamese_snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A snapshot whose net must not be opened: that may take class means of thousands of items."""

    def opened(self: RunNet, *arguments: object) -> None:
        raise AssertionError("the net was opened")

    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(RunNet, "__init__", opened)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("identify gone.png", "'gone.png' is not there"),
        ("identify gone.png lost.png --json", "'lost.png' is not there"),
        ("identify gone.png --csv rows.csv", "'gone.png' is not there"),
        ("identify gone.png --alarms a.csv --normal 1", "'gone.png' is not there"),
        ("identify --list gone.txt", "the list 'gone.txt' cannot be read"),
        ("identify gone.png --stride 3", "--stride is for windows of counters"),
        ("test gone.png", "'gone.png' is not there"),
        ("enroll --label new gone.png", "'gone.png' is not there"),
        ("enroll --label new file", "'file' cannot be read as a picture"),
        ("enroll --from gone_iter_1.caffemodel", "nothing is enrolled for 'gone_iter_1.caff"),
        ("test-many --unknown GONE.testing", "there is no dataset 'GONE'"),
    ],
)
def test_what_is_not_there(mycaffe: Run, unused: Path, line: str, told: str) -> None:
    result = mycaffe(*line.split())
    assert result.code == 2
    assert told in result.err


@pytest.mark.parametrize(
    "line",
    [
        "identify file --csv",
        "identify file --json-lines",
        "identify file --alarms",
        "find file --csv",
        "find file --sheet",
        "test-many --sheet",
        "retrieval --sheet",
        "index duplicates x --sheet",
        "plot --out",
        "film --out",
        "spot file file --out",
        "detect file --model m --weights w --out",
        "export onnx --out",
        "export deploy --out",
        "rank head --features x --out",
    ],
)
def test_what_cannot_be_written(mycaffe: Run, unused: Path, line: str) -> None:
    result = mycaffe(*line.split(), "file/x.png")
    assert (result.code, result.out) == (1, "")
    assert "cannot write file/x.png" in result.err and "'file' is no folder" in result.err


def test_a_folder_is_no_file_to_write(mycaffe: Run, unused: Path) -> None:
    result = mycaffe("export", "onnx", "--out", "folder")
    assert (result.code, result.out) == (2, "")
    assert "'folder' is a folder; the name of a file to write" in result.err


@pytest.mark.parametrize("name", ["sheet.jpg", "sheet"])
def test_a_sheet_is_a_png_by_name_too(mycaffe: Run, unused: Path, name: str) -> None:
    """A picture of mistakes was written as PNG into sheet.jpg."""
    result = mycaffe("test-many", "--sheet", name)
    assert (result.code, result.out) == (2, "")
    assert f"--sheet: a PNG is written, not '{name}'; it ends with .png" in result.err


def test_those_that_are_there_are_answered(mycaffe: Run, siamese_snapshot: Path) -> None:
    """Rows keep the order of the files, those ahead of the first answer too."""
    Image.linear_gradient("L").save("drawn.png")
    files = ["gone.png", "drawn.png", "lost.png"]
    arguments = [*files, "--snapshot", str(siamese_snapshot)]
    result = mycaffe("identify", *arguments, "--json-lines", "-")
    assert [line.split('"')[3] for line in result.out.splitlines()] == files
    for command in ("identify", "test"):
        result = mycaffe(command, *arguments)
        assert result.code == 2
        assert "drawn.png: " in result.out
        assert result.err.count("is not there") == 2
