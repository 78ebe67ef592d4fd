"""Tables of features, and other items, as files of numpy, CSV and TensorBoard's projector."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.table_export import write_csv, write_npy, write_npz, write_projector
from mycaffe_py.errors import UserError

LABELS = np.array([4, 1, 4])
NAMES = {1: "pear\tgreen", 2: "nobody's", 4: "banana, ripe"}


def _table(dtype: str = "float32") -> ArraySource:
    rows = np.random.default_rng(1).normal(size=(3, 5, 1, 1)).astype(dtype)
    return make_source("X.training", rows, LABELS, NAMES)


def _nothing(count: int) -> None:
    """No bar of progress."""


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_npz_holds_rows_labels_and_names(dtype: str, tmp_path: Path) -> None:
    source = _table(dtype)
    (path,) = write_npz(source, tmp_path / "it.npz", _nothing)
    found = np.load(path)
    np.testing.assert_array_equal(found["x"], source.images.reshape(3, 5))
    assert found["x"].dtype == dtype
    assert found["y"].tolist() == [4, 1, 4]
    assert found["names"].tolist() == ["", NAMES[1], "", "", NAMES[4]]


def test_npy_has_its_labels_beside_it(tmp_path: Path) -> None:
    values, labels = write_npy(_table(), tmp_path / "it.npy", _nothing)
    assert np.load(values).shape == (3, 5)
    assert labels.name == "it.labels.npy"
    assert np.load(labels).tolist() == [4, 1, 4]


def test_pictures_keep_their_axes(tmp_path: Path) -> None:
    pictures = make_source("P.training", np.zeros((2, 3, 4, 5), np.uint8), np.arange(2))
    values, _ = write_npy(pictures, tmp_path / "it.npy", _nothing)
    assert np.load(values).shape == (2, 3, 4, 5)


def test_csv_reads_back_the_same_numbers(tmp_path: Path) -> None:
    source = _table()
    (path,) = write_csv(source, tmp_path / "it.csv", _nothing)
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["label", "name", "v0", "v1", "v2", "v3", "v4"]
    assert [row[:2] for row in rows] == [["4", NAMES[4]], ["1", NAMES[1]], ["4", NAMES[4]]]
    values = np.array([row[2:] for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(values, source.images.reshape(3, 5))


def test_the_projector_gets_one_line_a_row(tmp_path: Path) -> None:
    vectors, metadata, config = write_projector(_table(), tmp_path / "deep", _nothing)
    values = np.loadtxt(vectors, delimiter="\t", dtype=np.float32)
    np.testing.assert_array_equal(values, _table().images.reshape(3, 5))
    assert metadata.read_text().splitlines() == [NAMES[4], "pear\\x09green", NAMES[4]]
    assert 'tensor_path: "vectors.tsv"' in config.read_text()
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        write_projector(_table(), tmp_path / "file", _nothing)
