"""Pictures that are read for a data set go to files at once, and a kill costs a second of work.

The folder holds `SPLIT.data`, the images of a split behind one another, or the pictures as they
came; `facts`, what was found of each file of the list; and `state.npz`, which tells how much of
these was safe on the disk when it was written. What lies behind that is cut off and made again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_file import ArrayFileError, read_npz
from mycaffe_py.data.image_database.row_files import STATE
from mycaffe_py.data.pictures.picture import Depth, Read
from mycaffe_py.data.pictures.picture_list import SPLITS, PictureList
from mycaffe_py.data.selection.label_numbers import Small, blocks
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.roomy import roomy_zeros

# To wait for the disk takes some 10 ms each time.
COMMIT_S = 1.0

Facts = NDArray[Any]
# Of each file: whether it was read, its border, and its depth, NaN where there is nothing to tell;
# `shape` of the image and `size`, the bytes of what was kept.
_FACTS = np.dtype(
    [("read", "?"), ("light", "?"), ("bits", "<i2"), ("values", "<f8", 2), ("span", "<f8", 2),
     ("shape", "<i4", 3), ("size", "<i8")]
)  # fmt: skip


class BegunReading:
    """What has been read of `files`; a context manager. `done` counts the files of the list that
    are behind us, `facts` (n,) tells of each, `reasons` why those that are not read are not;
    `first` is one that was read, where any was.

    Begins anew where the folder holds another list's, by the sum `asked`. A mistake of the user's
    removes the folder; anything else that ends the work leaves what is needed to go on.
    """

    def __init__(self, folder: Path, files: PictureList, asked: str) -> None:
        self.folder = folder
        self.files = files
        self.facts: Facts = roomy_zeros(len(files), _FACTS)
        self.reasons: dict[int, str] = {}
        # Sums of the pixels of each split, exact; of one that was changed there is none.
        self.sums: dict[str, NDArray[np.int64]] = {}
        self._asked = asked
        folder.mkdir(parents=True, exist_ok=True)
        self.done = self._known()
        self._written = {split: int(self.sizes(split).sum()) for split in SPLITS}
        self._streams: dict[str, BinaryIO] = {}
        self._facts = self._cut(self._facts_path, self.done * _FACTS.itemsize)
        self._safe, self._committed = self.done, time.monotonic()

    def _known(self) -> int:
        """How much of an earlier, unfinished reading of the same list can be kept."""
        try:
            state = read_npz(self.folder / STATE)
            done = int(state["done"])
            if str(state["asked"]) != self._asked or not 0 <= done <= len(self.files):
                return self._anew()
            for at in blocks(done):
                start, count = at.start * _FACTS.itemsize, at.stop - at.start
                # Fewer than are wanted do not fit, which is an error.
                self.facts[at] = np.fromfile(self._facts_path, _FACTS, count, offset=start)
            self.done = done
            self.first = int(self.facts["read"][:done].argmax()) if done else 0
            for split in SPLITS:
                file, size = self.data_path(split), int(self.sizes(split).sum())
                if size and file.stat().st_size < size:
                    return self._anew()
                if f"sum_{split}" in state:
                    self.sums[split] = state[f"sum_{split}"].astype(np.int64)
        except (OSError, ArrayFileError, KeyError, ValueError, TypeError):
            return self._anew()
        return done

    def _anew(self) -> int:
        self.facts[:] = np.zeros(1, _FACTS)
        self.sums.clear()
        self.done = self.first = 0
        return 0

    @property
    def _facts_path(self) -> Path:
        return self.folder / "facts"

    def data_path(self, split: str) -> Path:
        """The file with the images of a split."""
        return self.folder / f"{split}.data"

    def places(self, split: str) -> Small:
        """Numbers of the files that are images of `split`."""
        return self.files.places(self.facts["read"][: self.done], split)

    def sizes(self, split: str) -> NDArray[np.int64]:
        """Bytes of each image of a split."""
        places = self.places(split)
        sizes = roomy_zeros(len(places), np.int64)
        for at in blocks(len(places)):
            sizes[at] = self.facts["size"][places[at]]
        return sizes

    def add(self, one: Read, content: bytes) -> None:
        """The next file was read: `content` is kept of it."""
        split = SPLITS[self.files.splits[self.done]]
        fact = self.facts[self.done]
        if not self.facts["read"][self.first]:
            self.first = self.done
        fact["read"], fact["light"] = True, one.light
        _note_depth(fact, one.depth)
        fact["shape"], fact["size"] = one.pixels.shape, len(content)
        self._stream(split).write(content)
        self._written[split] += len(content)
        if split not in self.sums:
            self.sums[split] = np.zeros(one.pixels.shape, np.int64)
        self.sums[split] += one.pixels
        self.done += 1

    def leave_out(self, reason: str) -> None:
        """The next file cannot be read."""
        self.reasons[self.done] = reason
        self.done += 1

    def commit_if_due(self) -> None:
        """Commit, unless that was done a moment ago."""
        if time.monotonic() - self._committed >= COMMIT_S:
            self.commit()

    def change(self, split: str, row: int, place: int, one: Read) -> None:
        """The image in `row` of a split, of file `place`, becomes another one of its shape."""
        stream = self._stream(split)
        stream.seek(row * one.pixels.nbytes)
        stream.write(one.pixels.tobytes())
        stream.seek(0, os.SEEK_END)
        self.sums.pop(split, None)
        _note_depth(self.facts[place], one.depth)

    def _stream(self, split: str) -> BinaryIO:
        if split not in self._streams:
            self._streams[split] = self._cut(self.data_path(split), self._written[split])
        return self._streams[split]

    def commit(self) -> None:
        """Flush all to the disk, then note how much it is. Errors: OSError, MyCaffeError."""
        self._facts.write(self.facts[self._safe : self.done].tobytes())
        for stream in (*self._streams.values(), self._facts):
            stream.flush()
            os.fsync(stream.fileno())
        self._safe = self.done
        state: dict[str, Any] = {"asked": np.array(self._asked), "done": np.array(self.done)}
        state |= {f"sum_{split}": total for split, total in self.sums.items()}
        write_atomically(self.folder / STATE, lambda file: np.savez(file, **state))
        self._committed = time.monotonic()

    def _cut(self, path: Path, size: int) -> BinaryIO:
        """The file, open for writing behind its first `size` bytes."""
        stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        stream.truncate(size)
        stream.seek(0, os.SEEK_END)
        return stream

    def __enter__(self) -> BegunReading:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # What came after the last commit is given up: the error may have struck in its midst.
        for stream in (*self._streams.values(), self._facts):
            with contextlib.suppress(OSError):
                stream.close()
        if isinstance(error, UserError):
            shutil.rmtree(self.folder, ignore_errors=True)


def _note_depth(fact: Any, depth: Depth) -> None:
    fact["bits"] = depth.bits
    fact["values"] = depth.values or (np.nan, np.nan)
    fact["span"] = depth.span or (np.nan, np.nan)
