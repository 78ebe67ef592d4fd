"""The items of a source as rows of numbers in files that other programs read.

.npy: the values (n, D), and beside them X.labels.npy; .npz: x, y and the names of the labels;
CSV: one line an item; and the two tables of TensorBoard's projector. Items with several axes, such
as pictures, keep them in .npy and .npz and are rows of D = C * H * W values in the others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.label_match import class_names
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.printable import one_line

_ROWS = 1024
_CONFIG = """embeddings {
  tensor_path: "vectors.tsv"
  metadata_path: "metadata.tsv"
}
"""
Told = Callable[[int], object]


def write_npy(source: ArraySource, path: Path, progress: Told) -> list[Path]:
    """`path` with the values, and PATH.labels.npy with the label numbers (n,)."""
    labels = path.with_suffix(".labels.npy")
    _save(path, _values(source))
    _save(labels, np.ascontiguousarray(source.labels))
    progress(len(source))
    return [path, labels]


def write_npz(source: ArraySource, path: Path, progress: Told) -> list[Path]:
    """x (n, ...), y (n,), and names: that of label y is names[y], "" where no item has it."""
    found = class_names(source)
    names = np.array([found.get(label, "") for label in range(source.label_count)])
    x, y = _values(source), np.ascontiguousarray(source.labels)
    write_atomically(path, lambda file: np.savez(file, x=x, y=y, names=names))
    progress(len(source))
    return [path]


def write_csv(source: ArraySource, path: Path, progress: Told) -> list[Path]:
    """One line an item: number of the label, its name, and the values v0, v1, ..."""
    names = class_names(source)

    def fill(raw: BinaryIO) -> None:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        writer = csv.writer(file)
        size = int(np.prod(source.shape))
        writer.writerow(["label", "name", *(f"v{place}" for place in range(size))])
        for label, row in _rows(source, progress):
            writer.writerow([label, names[label], *row])
        # The file itself is closed by whoever opened it.
        file.detach()

    write_atomically(path, fill)
    return [path]


def write_projector(source: ArraySource, folder: Path, progress: Told) -> list[Path]:
    """vectors.tsv, metadata.tsv and projector_config.pbtxt: `tensorboard --logdir FOLDER`."""
    names = class_names(source)
    vectors, metadata = folder / "vectors.tsv", folder / "metadata.tsv"
    if folder.exists() and not folder.is_dir():
        raise UserError(f"'{folder}' is a file", wanted="a folder for three files")

    def fill(file: BinaryIO) -> None:
        for _, row in _rows(source, progress):
            file.write(("\t".join(row) + "\n").encode())

    write_atomically(vectors, fill)
    # A table of one column has no head in the projector.
    lines = (one_line(names[label]) for label in source.labels.tolist())
    write_atomically(metadata, "".join(f"{line}\n" for line in lines).encode())
    config = folder / "projector_config.pbtxt"
    write_atomically(config, _CONFIG.encode())
    return [vectors, metadata, config]


def _values(source: ArraySource) -> NDArray[np.generic]:
    """(n, D) of a table of features, (n, C, H, W) of others."""
    values: NDArray[np.generic] = source.chosen(np.arange(len(source)))[0]
    return values.reshape(len(values), -1) if source.shape[1:] == (1, 1) else values


def _rows(source: ArraySource, progress: Told) -> Iterator[tuple[int, list[str]]]:
    """The label and the values of each item, written so that float32 reads back the same."""
    for start in range(0, len(source), _ROWS):
        records = np.arange(start, min(start + _ROWS, len(source)))
        images: NDArray[Any] = source.gather(records).reshape(len(records), -1)
        labels = source.labels[records].tolist()
        for label, row in zip(labels, images, strict=True):
            yield label, [f"{value:.9g}" for value in row.tolist()]
        progress(len(records))


def _save(path: Path, array: NDArray[np.generic]) -> None:
    write_atomically(path, lambda file: np.save(file, array))


WRITERS = {"npy": write_npy, "npz": write_npz, "csv": write_csv, "projector": write_projector}
