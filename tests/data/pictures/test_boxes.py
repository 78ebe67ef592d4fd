"""Portions of frames that a CSV file names."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.pictures.boxes import read_boxes
from mycaffe_py.data.pictures.folder import scan_boxes
from mycaffe_py.errors import UserError
from tests.data.pictures.reading import read_folder

HEAD = "path,x,y,w,h,label\n"


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """Two frames in which the pixel of row y and column x is (x, y, number of the frame)."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(2):
        rows, columns = np.mgrid[:30, :40]
        pixels = np.stack([columns, rows, np.full_like(rows, number)], axis=2).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "boxes.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_line_is_a_portion(tmp_path: Path, frames: Path) -> None:
    text = f"{HEAD}0.png,3,4,10,8,stop\n1.png,30,22,10,8,go\n0.png,3,4,10,8,go\n"
    scan = scan_boxes(frames, _file(tmp_path, text))
    source = read_folder(scan, "P").sources["training"]
    assert source.label_names == {0: "go", 1: "stop"}
    assert source.labels.tolist() == [1, 0, 0]
    assert source.shape == (3, 8, 10)
    assert source.images[0, :, 0, 0].tolist() == [3, 4, 0]
    assert source.images[1, :, 7, 9].tolist() == [39, 29, 1]


@pytest.mark.parametrize(
    "text",
    [
        "0.png,3,4,10,8,stop\n",
        "label;h;w;y;x;path\nstop;8;10;4;3;0.png\n",
        "\ufeffPath\tX\tY\tW\tH\tLabel\tby\n\n0.png\t3.2\t3.8\t10.0\t8\tstop\tme\n",
    ],
)
def test_columns_in_any_order_and_without_names(tmp_path: Path, frames: Path, text: str) -> None:
    (row,) = read_boxes(_file(tmp_path, text), frames)
    assert (row.path, row.label) == (frames / "0.png", "stop")
    assert (row.box.x, row.box.y, row.box.w, row.box.h) == (3, 4, 10, 8)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (HEAD, "has no boxes"),
        ("path,x,y,w,label\n0.png,1,1,1,a\n", "there is no column 'h'"),
        (f"{HEAD}0.png,1,one,2,2,a\n", r"boxes\.csv:2: y is 'one'; a number of pixels"),
        (f"{HEAD}0.png,1,nan,2,2,a\n", "y is 'nan'"),
        (f"{HEAD}0.png,1,inf,2,2,a\n", "y is 'inf'"),
        (f"{HEAD}0.png,1,1,0,2,a\n", "the box 1,1,0,2 has no pixels"),
        (f"{HEAD}0.png,-1,1,2,2,a\n", "has no pixels; x and y from 0"),
        (f"{HEAD}0.png,1,1,2,2, \n", "the column 'label' is empty"),
        (f"{HEAD}0.png,1,1,2\n", "h is ''"),
        (f"{HEAD}0.png,1,1,2,2,a\n\n0.png,1,1,2,2,a\n", r"boxes\.csv:4: the same box as in line 2"),
    ],
)
def test_what_cannot_be_cut(tmp_path: Path, frames: Path, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_boxes(_file(tmp_path, text), frames)


def test_a_box_outside_its_frame_names_its_line(tmp_path: Path, frames: Path) -> None:
    scan = scan_boxes(frames, _file(tmp_path, f"{HEAD}0.png,30,4,11,8,stop\n"))
    words = r"0\.png: its box 30,4,11,8 of line 2 stands out of its 40x30 pixels"
    with pytest.raises(UserError, match=words):
        read_folder(scan, "P")
    missing = scan_boxes(frames, _file(tmp_path, f"{HEAD}7.png,30,4,1,8,stop\n"))
    with pytest.raises(UserError, match=r"7\.png: .*No such file"):
        read_folder(missing, "P")


def test_no_file_and_a_picture_in_its_place(tmp_path: Path, frames: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_boxes(tmp_path / "none.csv", frames)
    with pytest.raises(UserError, match="cannot be read: it is"):
        read_boxes(frames / "0.png", frames)
    with pytest.raises(UserError, match="there is no folder"):
        scan_boxes(tmp_path / "none", _file(tmp_path, HEAD))
