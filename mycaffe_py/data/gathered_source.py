"""Sources whose images are made when they are asked for, so that they may be of any size."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ROWS_AT_ONCE, ArraySource, Images

# Of bytes the mean does not depend on how many are read at a time.
_BLOCK_BYTES = 16 << 20


@dataclass(frozen=True, eq=False)
class GatheredSource(ArraySource):
    """All labels and the mean image; of the images only those that are gathered.

    `images` is (0, C, H, W).
    """

    @property
    def at_hand(self) -> bool:
        """No: each image is made first."""
        return False

    @abstractmethod
    def gather(self, records: NDArray[np.int64]) -> Images:
        """The images at `records` (n,): (n, C, H, W)."""

    def chosen(self, records: NDArray[np.int64]) -> tuple[Images, NDArray[np.int64]]:
        """Each of the images at `records` (n,) once, and where it is."""
        few, places = np.unique(records, return_inverse=True)
        return self.gather(few), places

    def image(self, record: int) -> Images:
        """One image (C, H, W)."""
        image: Images = self.gather(np.array([record], np.int64))[0]
        return image

    def blocks(self, first: int = 0) -> Iterator[Images]:
        """All images from `first` on in their order, some (m, C, H, W) at a time."""
        rows = ROWS_AT_ONCE
        if self.dtype == np.uint8:
            rows = min(rows, max(1, _BLOCK_BYTES // int(np.prod(self.shape))))
        for start in range(first, len(self), rows):
            yield self.gather(np.arange(start, min(start + rows, len(self))))


@dataclass(frozen=True, eq=False)
class PartOfSource(GatheredSource):
    """The images of `origin` at `records` (n,), in that order."""

    origin: ArraySource = field(kw_only=True, repr=False)
    records: NDArray[np.int64] = field(kw_only=True, repr=False)

    @property
    def at_hand(self) -> bool:
        """Whether those of the origin are."""
        return self.origin.at_hand

    def gather(self, records: NDArray[np.int64]) -> Images:
        """The images at `records` (n,) of the part."""
        return self.origin.gather(self.records[records])

    def chosen(self, records: NDArray[np.int64]) -> tuple[Images, NDArray[np.int64]]:
        """As the origin has them."""
        return self.origin.chosen(self.records[records])

    def raw(self, record: int) -> bytes:
        """An image as the origin stores it."""
        return self.origin.raw(int(self.records[record]))


def part_of(source: ArraySource, records: NDArray[np.int64]) -> PartOfSource:
    """The images of `source` at `records` (n,), not copied; its name, checksum and mean stay."""
    return PartOfSource(
        name=source.name,
        images=np.empty((0, *source.shape), source.dtype),
        labels=source.labels[records],
        label_names=source.label_names,
        checksum=source.checksum,
        description=source.description,
        stand_in_for=source.stand_in_for,
        image_mean=source.mean(),
        counters=source.counters,
        pictures=source.pictures,
        origin=source,
        records=records,
    )


def loaded(source: ArraySource) -> ArraySource:
    """`source` with its images in memory, for sources of few."""
    if type(source) is ArraySource:
        return source
    told = {one.name: getattr(source, one.name) for one in fields(ArraySource)}
    return ArraySource(**told | {"images": source.gather(np.arange(len(source)))})


def measured(source: ArraySource) -> ArraySource:
    """`source` with the checksum and the mean image of its images as they are now."""
    return replace(source, checksum=source.found_checksum(), image_mean=source.found_mean())
