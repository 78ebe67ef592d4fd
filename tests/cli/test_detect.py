"""`mycaffe detect`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Result
from tests.detect.colour_finder import squares, write_colour_finder

NET = ("--model", "detector.prototxt", "--weights", "detector.caffemodel")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_colour_finder(tmp_path)
    squares().save(tmp_path / "street.png")
    Image.new("RGB", (30, 30), (90, 90, 90)).save(tmp_path / "empty.png")
    (tmp_path / "names.txt").write_text("car\nvan\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_objects_are_told_with_names_and_boxes(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("detect", "street.png", "empty.png", *NET, "--labels", "names.txt")
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0] == "street.png (60x40): 2 objects"
    assert lines[1].split() == [lines[1].split()[0], "20", "0", "40", "20", "car"]
    assert lines[2].split()[1:] == ["40", "20", "60", "40", "van"]
    assert lines[3:] == ["empty.png (30x30): nothing found"]


def test_for_machines_with_pictures_in_a_folder(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("detect", "street.png", "empty.png", *NET, "--json", "--out", "boxes")
    told = json.loads(result.out)
    assert told["files"] == ["boxes/street.boxed.png", "boxes/empty.boxed.png"]
    street, empty = told["pictures"]
    assert (street["file"], street["width"], street["height"]) == ("street.png", 60, 40)
    first = street["found"][0]
    assert (first["label"], first["name"], first["box"]) == (1, "1", [20, 0, 40, 20])
    assert empty["found"] == [] and told["errors"] == [] and told["threshold"] == 0.5


def test_one_picture_goes_into_a_folder_too(mycaffe: Callable[..., Result], here: Path) -> None:
    result = mycaffe("detect", "street.png", *NET, "--out", "boxes")
    assert result.code == 0 and (here / "boxes" / "street.boxed.png").is_file()
    (here / "taken").write_text("")
    result = mycaffe("detect", "street.png", *NET, "--out", "taken")
    assert result.code != 0 and "--out is 'taken', a file" in result.err


def test_boxes_are_drawn(mycaffe: Callable[..., Result], here: Path) -> None:
    squares().resize((600, 400), 0).save("large.png")
    result = mycaffe("detect", "large.png", *NET, "--labels", "names.txt", "--out", "boxed.png")
    assert result.code == 0 and result.out.splitlines()[-1] == "boxed.png"
    drawn = np.asarray(Image.open("boxed.png"))
    assert drawn.shape == (400, 600, 3)
    # The left side of the box around the red square, and its middle, which stays.
    assert tuple(drawn[150, 201]) == (90, 170, 255)
    assert tuple(drawn[150, 300]) == (250, 40, 40)


def test_mean_and_scale_and_threshold(mycaffe: Callable[..., Result], here: Path) -> None:
    def found(*options: str) -> int:
        result = mycaffe("detect", "street.png", *NET, "--json", *options)
        return len(json.loads(result.out)["pictures"][0]["found"])

    assert found("--mean", "300,0,0") == 6
    assert found("--scale", "0.3") == 0
    assert found("--scale", "0.3", "--threshold", "0.1") == 2


def test_a_picture_that_cannot_be_read_costs_no_other(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    (here / "broken.png").write_bytes(b"no picture")
    result = mycaffe("detect", "broken.png", "none.png", "street.png", *NET)
    assert result.code == 2
    assert "street.png (60x40): 2 objects" in result.out
    assert "'broken.png' cannot be read as a picture" in result.err
    assert "'none.png' is not there" in result.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--mean", "104;117"), "--mean is '104;117'"),
        (("--mean", "1,2"), "2 values of mean"),
        (("--threshold", "nan"), "the threshold is nan"),
        (("--out", "boxed.jpg"), "a name that ends in .png"),
        (("--labels", "none.txt"), "none.txt cannot be read"),
    ],
)
def test_mistakes_are_told(
    mycaffe: Callable[..., Result], here: Path, options: tuple[str, ...], told: str
) -> None:
    result = mycaffe("detect", "street.png", *NET, *options)
    assert result.code != 0 and told in result.err and "Traceback" not in result.err


def test_a_net_that_finds_nothing_by_its_kind(mycaffe: Callable[..., Result], here: Path) -> None:
    text = (here / "detector.prototxt").read_text()
    cut = text[: text.index('layer { name: "priors"')]
    (here / "classifier.prototxt").write_text(cut)
    result = mycaffe("detect", "street.png", "--model", "classifier.prototxt", *NET[2:])
    assert result.code != 0 and "the net is no detector: its outputs are" in result.err
    assert "DetectionOutput" in result.err


def test_the_module_shows_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "mycaffe_py", "--help"], capture_output=True, text=True, check=True
    )
    assert "detect" in shown.stdout
