"""The list of pictures that become a data set, which may be long: little of it is in memory."""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.boxes import Box
from mycaffe_py.data.selection.label_numbers import Small, blocks, least_type

TRAINING, VALIDATION, TESTING = "training", "validation", "testing"
SPLITS = (TRAINING, VALIDATION, TESTING)

_ROW = np.dtype([("end", "<u8"), ("label", "<i4"), ("split", "i1")])


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One file to read (its path as a text, which is small), its label and its split; with a `box`
    only that portion of it."""

    name: str
    label: int
    split: str
    box: Box | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.name)


class PictureList(Sequence[PictureFile]):
    """Pictures in the order in which they were found; names and numbers lie in files without a
    name. Boxes, which a text file lists one by one, are in memory."""

    def __init__(self, pictures: Iterable[PictureFile]) -> None:
        """Errors: OSError where there is no room for them."""
        self._boxes: dict[int, Box] = {}
        with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as rows:
            end = count = 0
            for count, one in enumerate(pictures, start=1):
                end += names.write(os.fsencode(one.name))
                row = np.array((end, one.label, SPLITS.index(one.split)), _ROW)
                rows.write(row.tobytes())
                if one.box is not None:
                    self._boxes[count - 1] = one.box
            names.flush()
            rows.flush()
            empty: Any = np.empty(0, _ROW)
            self._rows = np.asarray(np.memmap(rows, _ROW, "r+")) if count else empty
            self._names = mmap.mmap(names.fileno(), end, access=mmap.ACCESS_READ) if end else b""

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> PictureFile: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[PictureFile]: ...
    def __getitem__(self, place: int | slice) -> PictureFile | Sequence[PictureFile]:
        """A picture, or some of them."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        end, label, split = self._rows[place].item()
        start = int(self._rows["end"][place - 1]) if place else 0
        name = os.fsdecode(self._names[start:end])
        return PictureFile(name, label, SPLITS[split], self._boxes.get(place))

    @property
    def labels(self) -> NDArray[np.int32]:
        """(n,): the label of each."""
        return self._rows["label"]

    @cached_property
    def splits(self) -> NDArray[np.int8]:
        """(n,): the place of each one's split in SPLITS; who writes here moves pictures."""
        return self._rows["split"]

    def places(self, chosen: NDArray[np.bool_], split: str) -> Small:
        """Numbers of the first pictures, those of `split` that are `chosen` (m,), ascending."""
        number = SPLITS.index(split)
        parts = [
            (np.flatnonzero(chosen[at] & (self.splits[at] == number)) + at.start).astype(
                least_type(len(self))
            )
            for at in blocks(len(chosen))
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)


class Paths(Sequence[Path]):
    """The files of the pictures at `places` of a list."""

    def __init__(self, files: Sequence[PictureFile], places: Small) -> None:
        self._files = files
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Path: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Path]: ...
    def __getitem__(self, place: int | slice) -> Path | Sequence[Path]:
        """A file, or some of them."""
        if isinstance(place, slice):
            return Paths(self._files, self._places[place])
        return self._files[int(self._places[place])].path


def list_sum(files: Sequence[PictureFile], how: str) -> str:
    """sha256 over `how` they are read, names, labels and splits, sizes and times of the files."""
    digest = hashlib.sha256(how.encode(errors="surrogateescape"))
    for file in files:
        try:
            found = file.path.stat()
            stamp = f"{found.st_size} {found.st_mtime_ns}"
        except OSError:
            stamp = "gone"
        told = f"\n{file.name}\0{file.label} {file.split} {file.box} {stamp}"
        digest.update(told.encode(errors="surrogateescape"))
    return digest.hexdigest()
