"""An index on disk: the files of its next number, then the card that names it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.feature_tables.feature_checks import Sums, times_of
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.retrieve.index.entries import entries_text
from mycaffe_py.retrieve.index.index_card import (
    IndexCard,
    IndexFiles,
    card_path,
    damaged,
    index_folder,
    remove_others,
)
from mycaffe_py.retrieve.index.merging import Merged

ROW_TYPE = np.dtype("<f4")
LABEL_TYPE = np.dtype("<i8")
_BLOCK_VALUES = 4 << 20


def write_index(
    card: IndexCard, merged: Merged, old: NDArray[Any], fresh: NDArray[np.float32]
) -> IndexCard:
    """Write the rows of `merged`, from `old` (N, D) and `fresh` (m, D), and the card as `card`.

    `card.number` is new; the lock must be held. Errors: the disk; then the old index still counts.
    """
    files = IndexFiles(index_folder(card.name), card.number)
    labels = merged.label_array.astype(LABEL_TYPE).tobytes()
    paths = entries_text(merged.entries)
    sum_ = hashlib.sha256()

    def write(file: BinaryIO) -> None:
        for block in _blocks(np.array(merged.origins, np.int64), old, fresh, card.size):
            file.write(block.data)
            sum_.update(block.data)

    write_atomically(files.rows, write)
    write_atomically(files.labels, labels)
    write_atomically(files.paths, paths)
    sum_.update(labels)
    sum_.update(paths)
    card = replace(card, rows=len(merged.entries), checksum=sum_.hexdigest())
    write_atomically(card_path(card.name), card.text())
    _sums(card).remember("index", times_of(files.all), card.checksum)
    remove_others(card.name, card.number)
    return card


def _blocks(
    origins: NDArray[np.int64], old: NDArray[Any], fresh: NDArray[np.float32], size: int
) -> Iterator[NDArray[np.float32]]:
    """The rows in their order, some at a time."""
    step = max(1, _BLOCK_VALUES // size)
    used = 0
    for start in range(0, len(origins), step):
        some = origins[start : start + step]
        block = np.empty((len(some), size), ROW_TYPE)
        kept = some >= 0
        block[kept] = old[some[kept]]
        count = int((~kept).sum())
        block[~kept] = fresh[used : used + count]
        used += count
        yield block


def check_index(card: IndexCard, files: IndexFiles) -> None:
    """Refuse files that are not as they were written.

    They are read to the end only if their sizes or times changed since the last time.
    Errors: FileNotFoundError where another process has just made the next number.
    """
    wanted = (card.rows * card.size * ROW_TYPE.itemsize, card.rows * LABEL_TYPE.itemsize)
    for path, size in zip(files.all, wanted, strict=False):
        if path.stat().st_size != size:
            raise damaged(card.name, f"{path} has {path.stat().st_size:,} bytes, not {size:,}")
    found = _sums(card).of("index", files.all, lambda: _sum(files))
    if found != card.checksum:
        raise damaged(card.name, f"the files in {files.folder} are not as they were written")


def _sum(files: IndexFiles) -> str:
    found = hashlib.sha256()
    for path in files.all:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                found.update(part)
    return found.hexdigest()


def _sums(card: IndexCard) -> Sums:
    return Sums(f"{card.name}.index")
