"""Where a missing file or folder was looked for, and where it may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.data.caffe_stores.image_list import read_list
from mycaffe_py.data.feed import feed_for
from mycaffe_py.data.looked_for import looked_for, no_folder
from mycaffe_py.data.transform.mean_file import read_mean
from mycaffe_py.errors import UserError, Where
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_relative_path_is_told_where_it_begins(here: Path) -> None:
    assert looked_for(Path("list.txt")) == (f"It is looked for from the folder you are in, {here}.")


def test_what_lies_beside_the_text_or_above_it_is_found(here: Path, tmp_path: Path) -> None:
    root = tmp_path / "caffe"
    (root / "examples" / "mnist" / "train_lmdb").mkdir(parents=True)
    text = Where(str(root / "examples" / "mnist" / "net.prototxt"), 3)
    hint = looked_for(Path("examples/mnist/train_lmdb"), text)
    assert "It is in ../caffe: go there first (cd), or write its whole path." in hint
    assert "It is in ../caffe/examples/mnist" in looked_for(Path("train_lmdb"), text)


def test_a_misspelt_name_gets_the_nearest_one(here: Path) -> None:
    (here / "train.txt").touch()
    assert looked_for(Path("trian.txt")).endswith("Did you mean 'train.txt'?")
    assert looked_for(here / "trian.txt") == "Did you mean 'train.txt'?"
    assert looked_for(Path("/nowhere/at/all")) == "There is no folder /nowhere/at either."


def test_lists_and_means_that_are_missing_say_so(here: Path) -> None:
    with pytest.raises(UserError, match=r"list file l cannot be read: No such file\. It is looked"):
        read_list(Path("l"), "", Where("n"))
    with pytest.raises(UserError, match=r"mean_file m cannot be read: No such file\. It is looked"):
        read_mean(Path("m"))


@pytest.mark.parametrize(
    "param",
    [
        'source: "examples/mnist/mnist_train_lmdb" backend: LMDB',
        'source: "examples/mnist/mnist_train_leveldb"',
        'source: "mnist_train_leveldb"',
        'source: "/data/store.lmdb"',
    ],
)
def test_a_store_that_is_missing_says_what_to_do(here: Path, param: str) -> None:
    text = f'name: "d" type: "Data" top: "d" data_param {{ batch_size: 2 {param} }}'
    parsed = read_text(text, pb.LayerParameter, "net.prototxt")
    with pytest.raises(UserError, match=r"net\.prototxt:1: there is no folder .*dataset create'"):
        feed_for(parsed.message, pb.TRAIN, 1, parsed.locations)


def test_a_file_is_no_folder_and_is_named_for_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "b").write_bytes(b"\x00\xffx")
    assert no_folder(tmp_path / "a.png") == f"{tmp_path}/a.png is no folder but a picture (PNG)"
    assert no_folder(tmp_path / "b") == f"{tmp_path}/b is no folder but a file"
    assert no_folder(tmp_path / "c") == f"there is no folder {tmp_path}/c"
    # It is not proposed in its own place.
    assert "Did you mean 'a.png'" not in looked_for(tmp_path / "a.png")
