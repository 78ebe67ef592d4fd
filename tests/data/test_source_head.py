"""Heads of sources: what is known without a pixel, and that it is what the whole source says."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import data_folder, dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.image_database.row_files import rows_folder
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.source import open_head, open_source, training_mean
from mycaffe_py.errors import UserError


def _write(labels: list[int], names: dict[int, str] | None = None, dtype=np.uint8) -> None:
    images = np.arange(len(labels) * 6).reshape(-1, 1, 2, 3).astype(dtype)
    source = make_source("shapes.training", images, np.array(labels, np.int64), names, "drawn")
    write_dataset(dataset_path("shapes"), "shapes", {"training": source}, "drawn")


def _facts(source) -> tuple:
    return (
        source.name, source.shape, source.dtype, len(source), source.label_count,
        source.class_count, class_names(source), source.label_names, source.checksum,
        source.description, source.counters, source.pictures, source.word,
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([0, 1, 1, 2, 0, 2], None),
        ([7, 3, 3, 7, 3], {3: "ring", 7: "bär", 9: "of which there is no image"}),
        ([4], None),
    ],
)
def test_a_head_says_what_the_whole_source_says(labels: list[int], names, dtype) -> None:
    _write(labels, names, dtype)
    assert _facts(open_head("shapes.training")) == _facts(open_source("shapes.training"))


def test_a_built_in_source_has_a_head_too() -> None:
    for split in ("training", "testing"):
        assert _facts(open_head(f"digits28.{split}")) == _facts(open_source(f"digits28.{split}"))


@pytest.mark.slow
def test_the_head_of_a_made_telecom_set_is_what_was_said_before_it_was_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = open_head("telecom.testing")
    assert "'telecom.testing' is not there" in capsys.readouterr().err
    assert not data_folder().exists() or not list(data_folder().iterdir())
    made = open_source("telecom.testing")
    assert (before.shape, before.dtype, len(before)) == (made.shape, made.dtype, len(made))
    assert class_names(before) == class_names(made)


def test_a_class_with_one_image_is_seen_and_pairs_know_it() -> None:
    _write([0, 1, 1, 1])
    head = open_head("shapes.training")
    assert head.labels.tolist() == [0, 1, 1]
    assert len(head) == 4


def test_pixels_are_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    _write([0, 1, 0, 1])
    (rows,) = rows_folder(dataset_path("shapes")).glob("*.rows")
    rows.write_bytes(b"")
    with pytest.raises(UserError, match="0 bytes, 24 are announced"):
        open_source("shapes.training")
    assert open_head("shapes.training").shape == (1, 2, 3)


def test_a_file_that_contradicts_itself_is_damaged() -> None:
    _write([0, 1, 0, 1])
    with sqlite3.connect(dataset_path("shapes")) as connection:
        connection.execute("UPDATE labels SET image_count = 40")
    with pytest.raises(UserError, match="do not count 4 images"):
        open_head("shapes.training")


def test_nothing_can_be_asked_of_the_images_of_a_head() -> None:
    head = open_head("digits28.training")
    with pytest.raises(RuntimeError, match="only the head"):
        head.gather(np.array([0]))
    assert training_mean(head).shape == (1, 28, 28)


def test_mnist_that_is_not_there_has_the_shape_of_its_stand_in(
    digits_only: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MYCAFFE_OFFLINE", "0")
    monkeypatch.setattr("mycaffe_py.data.digits.mnist.download", lambda *_: pytest.fail("network"))
    head = open_head("MNIST.training", "digits28.training")
    assert (head.shape, head.stand_in_for) == ((1, 28, 28), "MNIST.training")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "'mycaffe dataset create mnist'" in said


def test_mnist_that_is_not_there_is_known_all_the_same(digits_only: None) -> None:
    head = open_head("MNIST.testing")
    assert (head.shape, len(head), head.label_count) == ((1, 28, 28), 10_000, 10)
    assert len(open_head("MNIST.training")) == 60_000


def test_a_folder_of_idx_files_is_not_read_where_nothing_may_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYCAFFE_MNIST", str(tmp_path))
    assert len(open_head("MNIST.testing")) == 10_000
    with pytest.raises(UserError, match=r"there is no dataset 'MNIST'.*dataset create mnist"):
        open_source("MNIST.testing", make=False)


@pytest.mark.parametrize("name", ["MNIST.tests", "telecom.tests", "digits28.tests"])
def test_a_split_that_never_will_be_is_an_error(name: str) -> None:
    with pytest.raises(UserError, match="has no split 'tests'"):
        open_head(name)


def test_a_name_that_nobody_knows_is_an_error_stand_in_or_not() -> None:
    with pytest.raises(UserError, match="there is no dataset 'MINST'"):
        open_head("MINST.training", "digits28.training")
    with pytest.raises(UserError, match="there is no dataset 'MINST'"):
        open_source("MINST.training", make=False)


def test_where_none_may_be_made_the_error_says_the_command() -> None:
    with pytest.raises(UserError, match="mycaffe dataset create telecom --name telecom10"):
        open_source("telecom10.training", make=False)


def test_a_stand_in_is_not_made_either(digits_only: None) -> None:
    with pytest.raises(UserError, match="there is no dataset 'telecom'"):
        open_source("MNIST.training", "telecom.training", make=False)
    assert not list(data_folder().glob("*"))
