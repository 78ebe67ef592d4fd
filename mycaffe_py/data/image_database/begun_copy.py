"""Items of other data sets are copied to files as they will lie, and a kill costs a second of work.

The folder holds `SPLIT.data`, the items of a split behind one another, and `state.npz`, which tells
how many of these were safe on the disk when it was written. What lies behind them is made again.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_file import ArrayFileError, read_npz
from mycaffe_py.data.array_source import ArraySource, Images, little_endian
from mycaffe_py.data.image_database.database import commit
from mycaffe_py.data.image_database.database_images import mapped_source
from mycaffe_py.data.image_database.encoded_source import EncodedSource
from mycaffe_py.data.image_database.image_files import Told, move
from mycaffe_py.data.image_database.row_files import STARTED, STATE, mapped_rows, writing
from mycaffe_py.files.atomic import write_atomically

# To wait for the disk takes some 10 ms each time.
COMMIT_S = 1.0


def write_copied(
    path: Path,
    dataset: str,
    sources: Mapping[str, ArraySource],
    asked: str,
    description: str = "",
    progress: Told | None = None,
) -> None:
    """Write the items of `sources` (by split) as the dataset file `path`, replacing one there.

    Checksums and means are found on the way. `asked` is a sum over all that decides which items
    these are: where an interrupted call for the same ones has written some, they stay.
    `progress` is told the number of items written since its last call.
    """
    with writing(path) as folder:
        begun = _BegunCopy(folder / STARTED, asked)
        copied = {split: begun.copied(split, one, progress) for split, one in sources.items()}
        stored = {
            split: move(begun.data_path(split), folder, split, one) for split, one in copied.items()
        }
        commit(path, dataset, copied, stored, description)


class _BegunCopy:
    """How much of each split has been written: `done` items, their sum in `totals` as float64."""

    def __init__(self, folder: Path, asked: str) -> None:
        self._folder = folder
        self._asked = asked
        self.done: dict[str, int] = {}
        self.totals: dict[str, NDArray[np.float64]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._read_state()
        except (OSError, ArrayFileError, KeyError, ValueError, TypeError):
            self.done, self.totals = {}, {}

    def _read_state(self) -> None:
        state = read_npz(self._folder / STATE)
        if str(state["asked"]) == self._asked:
            for split in state["splits"].tolist():
                self.totals[split] = state[f"total_{split}"].astype(np.float64)
                self.done[split] = int(state[f"done_{split}"])

    def data_path(self, split: str) -> Path:
        """The file with the items of a split."""
        return self._folder / f"{split}.data"

    def copied(self, split: str, source: ArraySource, progress: Told | None) -> ArraySource:
        """`source` with its items in the file of `split`, their checksum and mean."""
        path = self.data_path(split)
        done = self._known(split, source)
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as file:
            file.truncate(_bytes_of(source, done))
            file.seek(0, os.SEEK_END)
            self._copy(split, source, file, progress or (lambda count: None))
        made = _in_file(source, path)
        mean = (self.totals[split] / len(source)).astype(np.float32)
        return dataclasses.replace(made, checksum=made.found_checksum(), image_mean=mean)

    def _known(self, split: str, source: ArraySource) -> int:
        """How many items of a split can be kept."""
        done, path = self.done.get(split, 0), self.data_path(split)
        total = self.totals.get(split)
        fits = total is not None and total.shape == source.shape and 0 <= done <= len(source)
        if not fits or not path.exists() or path.stat().st_size < _bytes_of(source, done):
            self.totals[split] = np.zeros(source.shape, np.float64)
            done = 0
        self.done[split] = done
        return done

    def _copy(self, split: str, source: ArraySource, file: BinaryIO, progress: Told) -> None:
        first = committed = self.done[split]
        progress(first)
        committed_s = time.monotonic()
        # The sum of float32 depends on where blocks begin: all of them but the last are alike.
        for block in source.blocks(first):
            _write(file, source, first, block)
            # As the mean of the whole is summed.
            self.totals[split] += block.sum(axis=0, dtype=np.float64)
            first += len(block)
            self.done[split] = first
            progress(len(block))
            if time.monotonic() - committed_s >= COMMIT_S:
                self._commit(file)
                committed, committed_s = first, time.monotonic()
        if committed < len(source):
            self._commit(file)

    def _commit(self, file: BinaryIO) -> None:
        """Flush all to the disk, then note how much it is. Errors: OSError, MyCaffeError."""
        file.flush()
        os.fsync(file.fileno())
        state: dict[str, Any] = {
            "asked": np.array(self._asked),
            "splits": np.array(list(self.done)),
        }
        state |= {f"done_{split}": np.array(count) for split, count in self.done.items()}
        state |= {f"total_{split}": total for split, total in self.totals.items()}
        write_atomically(self._folder / STATE, lambda stream: np.savez(stream, **state))


def _bytes_of(source: ArraySource, count: int) -> int:
    """Bytes of the first items of `source`."""
    if isinstance(source, EncodedSource):
        return int(source.sizes[:count].sum())
    return count * int(np.prod(source.shape)) * source.dtype.itemsize


def _write(file: BinaryIO, source: ArraySource, first: int, block: Images) -> None:
    """Write the items `first` and on, which `block` holds as images."""
    if isinstance(source, EncodedSource):
        for record in range(first, first + len(block)):
            file.write(source.raw(record))
    else:
        file.write(little_endian(block).data)


def _in_file(source: ArraySource, path: Path) -> ArraySource:
    """`source` with its items in the file `path`."""
    plain = ArraySource(
        name=source.name,
        images=np.empty((0, *source.shape), source.dtype),
        labels=source.labels,
        label_names=source.label_names,
        checksum="",
        description=source.description,
        counters=source.counters,
        pictures=source.pictures,
    )
    if isinstance(source, EncodedSource):
        return mapped_source(plain, path, source.sizes, source.reading)
    images = mapped_rows(path, len(source), source.shape, source.dtype)
    return dataclasses.replace(plain, images=images)
