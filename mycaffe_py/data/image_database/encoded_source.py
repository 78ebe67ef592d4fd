"""A source of pictures that are kept as they came, JPEG or PNG, and decoded when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.gathered_source import GatheredSource
from mycaffe_py.data.pictures.picture import UnreadableError, read_as
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.data.pictures.side_by_side import for_each
from mycaffe_py.data.selection.label_numbers import blocks
from mycaffe_py.errors import MyCaffeError


@dataclass(frozen=True, eq=False)
class EncodedSource(GatheredSource):
    """Picture r is the `sizes`[r] bytes from `starts`[r] on of `content`, the mapped `file`.

    `reading` is the record (JSON) of how they become images, which is always done the same way:
    which thread decodes a picture, and which ones beside it, changes nothing. The checksum is that
    of labels and bytes, so it does not depend on who decodes them.
    """

    file: Path = field(kw_only=True)
    content: NDArray[np.uint8] = field(kw_only=True, repr=False)
    starts: NDArray[np.int64] = field(kw_only=True, repr=False)
    sizes: NDArray[np.int64] = field(kw_only=True, repr=False)
    reading: str = field(kw_only=True, repr=False)

    @property
    def stored_bytes(self) -> int:
        """Bytes of all pictures."""
        return int(self.sizes.sum())

    @cached_property
    def _record(self) -> PictureRecord:
        return PictureRecord.from_json(self.reading)

    def raw(self, record: int) -> bytes:
        """The picture as it came."""
        start = int(self.starts[record])
        return self.content[start : start + int(self.sizes[record])].tobytes()

    def only(self, records: NDArray[np.int64]) -> EncodedSource:
        """The pictures at `records` (n,); checksum and mean stay those of all."""
        starts, sizes = self.starts[records], self.sizes[records]
        return replace(self, labels=self.labels[records], starts=starts, sizes=sizes)

    def sums(self) -> Iterator[NDArray[np.uint64]]:
        """A sum over the bytes of each picture (n,), some (m,) at a time."""
        for at in blocks(len(self)):
            sums = [
                hashlib.blake2b(self.raw(record), digest_size=8).digest()
                for record in range(at.start, at.stop)
            ]
            yield np.frombuffer(b"".join(sums), np.uint64)

    def gather(self, records: NDArray[np.int64]) -> Images:
        """The images at `records` (n,): (n, C, H, W). Errors: a picture cannot be read."""
        images: Any = np.empty((len(records), *self.shape), np.uint8)

        def decode(place: int) -> None:
            images[place] = self._decoded(int(records[place]))

        for_each(decode, range(len(records)))
        gathered: Images = images
        return gathered

    def _decoded(self, record: int) -> NDArray[np.uint8]:
        try:
            pixels = read_as(self.raw(record), self._record).pixels
        except UnreadableError as error:
            raise MyCaffeError(
                f"picture {record} of {self.name} cannot be read: {error} ({self.file})",
                do="'mycaffe dataset verify' tells whether the data set is as it was created.",
            ) from error
        if pixels.shape != self.shape:
            raise MyCaffeError(
                f"picture {record} of {self.name} gives {pixels.shape}", wanted=f"{self.shape}"
            )
        return pixels

    def found_checksum(self, progress: Callable[[int], object] | None = None) -> str:
        """sha256 (hex) of shape, way to read, labels and the pictures' bytes as they are now."""
        digest = hashlib.sha256(f"{(len(self), *self.shape)} {self.reading}".encode())
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").data)
        digest.update(np.ascontiguousarray(self.sizes, dtype="<i8").data)
        for record in range(len(self)):
            digest.update(self.raw(record))
            if progress is not None:
                progress(1)
        return digest.hexdigest()
