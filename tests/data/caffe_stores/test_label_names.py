"""Files of label names."""

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.caffe_stores.label_names import named, read_label_names
from mycaffe_py.errors import UserError


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("cat\ndog\n", {0: "cat", 1: "dog"}),
        ("\ufeffKätzchen\r\nn02 Siamese cat\r\n\r\n", {0: "Kätzchen", 1: "n02 Siamese cat"}),
        ("7 bus\n2 red car\n", {7: "bus", 2: "red car"}),
        ("0,cat\n1,dog\n", {0: "cat", 1: "dog"}),
        ("1: a\n3: b\n", {1: "a", 3: "b"}),
        # Not numbers of labels: one of them twice, or not in each line.
        ("2 door\n2 seats\n", {0: "2 door", 1: "2 seats"}),
        ("3 wheeler\nbus\n", {0: "3 wheeler", 1: "bus"}),
    ],
)
def test_names(tmp_path: Path, text: str, names: dict[int, str]) -> None:
    assert read_label_names(_file(tmp_path, text)) == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n", "is empty; a name in each line"),
        ("cat\n\ndog\n", r"labels\.txt:2: this line is empty"),
        ("cat\ndog\ncat\n", r"labels\.txt:3: 'cat' is the name of line 1 as well"),
    ],
)
def test_what_names_no_labels(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_label_names(_file(tmp_path, text))


def test_no_file_a_folder_and_bytes(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UserError, match="cannot be read"):
            read_label_names(path)
    (tmp_path / "x").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        read_label_names(tmp_path / "x")


def test_each_label_in_use_needs_a_name(tmp_path: Path) -> None:
    images = np.zeros((3, 1, 2, 2), np.uint8)
    source = make_source("OLD.training", images, np.array([0, 2, 5]))
    names = {0: "cat", 1: "dog", 2: "eel"}
    with pytest.raises(UserError, match=r"labels\.txt has no name for label 5; it has 3 names"):
        named(source, names, tmp_path / "labels.txt")
    assert named(source, {**names, 5: "ant"}, tmp_path).label_names[5] == "ant"
