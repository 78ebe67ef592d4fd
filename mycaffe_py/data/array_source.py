"""A source whose images lie in one contiguous array, in memory or mapped from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.selection.label_numbers import present_in
from mycaffe_py.errors import UserError

Images = NDArray[np.uint8] | NDArray[np.float32]

# Rows read at a time for mean and checksum, so that no second copy of a large source is made. The
# mean of float32 depends on it.
ROWS_AT_ONCE = 1024


@dataclass(frozen=True, eq=False)
class ArraySource:
    """Images (n, C, H, W), uint8 in 0-255 or float32, with one label >= 0 for each.

    `image_mean` is the stored mean image, computed when absent. `stand_in_for` names the source
    that was asked for and could not be had; reports must show it. `counters` is the JSON of names
    and scaling (counters/scaling.py) where the images are windows of counters, `pictures` that of
    the record (data/pictures/picture_record.py) where they are pictures and it is known how they
    were read.
    """

    name: str
    images: Images = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    label_names: dict[int, str]
    checksum: str
    description: str = ""
    stand_in_for: str | None = None
    image_mean: NDArray[np.float32] | None = field(default=None, repr=False)
    counters: str = field(default="", repr=False)
    pictures: str = field(default="", repr=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every image."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.float32]:
        """Type of a stored value."""
        return self.images.dtype

    @property
    def label_count(self) -> int:
        """Largest label + 1: how many rows are needed to count by label."""
        return int(self.present[-1]) + 1

    @property
    def class_count(self) -> int:
        """How many labels have an image: a label without one does not count as a class."""
        return len(self.present)

    @cached_property
    def present(self) -> NDArray[np.int64]:
        """The labels (L,) that an image has, ascending."""
        return present_in(self.labels)

    @property
    def word(self) -> str:
        """What one item is called."""
        return "window" if self.counters else "image"

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def at_hand(self) -> bool:
        """Whether images need no work before a transform reads them."""
        return True

    @property
    def stored_bytes(self) -> int:
        """Bytes that all images take where they are stored."""
        return len(self) * int(np.prod(self.shape)) * self.dtype.itemsize

    def gather(self, records: NDArray[np.int64]) -> Images:
        """Copy of the images at `records` (n,): (n, C, H, W)."""
        return self.images.take(records, axis=0)

    def chosen(self, records: NDArray[np.int64]) -> tuple[Images, NDArray[np.int64]]:
        """Images (m, C, H, W), and where among them those at `records` (n,) are: nothing is copied
        that need not be."""
        return self.images, records

    def image(self, record: int) -> Images:
        """One image (C, H, W)."""
        image: Images = self.images[record]
        return image

    def blocks(self, first: int = 0) -> Iterator[Images]:
        """All images from `first` on in their order, some (m, C, H, W) at a time."""
        return _blocks_of(self.images[first:])

    def raw(self, record: int) -> bytes:
        """An image as it is stored: the same bytes are the same image."""
        return self.image(record).tobytes()

    def mean(self) -> NDArray[np.float32]:
        """Mean image (C, H, W) in the units of the images; a true mean, not rounded to bytes."""
        if self.image_mean is not None:
            return self.image_mean
        return self.found_mean()

    def found_mean(self) -> NDArray[np.float32]:
        """The mean image of the images as they are now."""
        return _mean_of(self.blocks(), self.shape)

    def found_checksum(self, progress: Callable[[int], object] | None = None) -> str:
        """The checksum of the images and labels as they are now.

        `progress` is told the number of images read since its last call.
        """
        head = f"{(len(self), *self.shape)} {self.dtype.name}"
        return _sum_of(head, self.labels, self.blocks(), progress)


def mean_image(images: Images) -> NDArray[np.float32]:
    """Mean over the rows of (n, C, H, W), summed in float64."""
    return _mean_of(_blocks_of(images), images.shape[1:])


def _mean_of(blocks: Iterable[Images], shape: tuple[int, ...]) -> NDArray[np.float32]:
    total = np.zeros(shape, dtype=np.float64)
    count = 0
    for block in blocks:
        total += block.sum(axis=0, dtype=np.float64)
        count += len(block)
    return (total / count).astype(np.float32)


def _blocks_of(images: Images) -> Iterator[Images]:
    for start in range(0, len(images), ROWS_AT_ONCE):
        yield images[start : start + ROWS_AT_ONCE]


def source_checksum(
    images: Images,
    labels: NDArray[np.int64],
    progress: Callable[[int], object] | None = None,
) -> str:
    """sha256 (hex) of shape, type, labels and pixels: equal sums mean equal training data.

    `progress` is told the number of images read since its last call.
    """
    return _sum_of(f"{images.shape} {images.dtype.name}", labels, _blocks_of(images), progress)


def _sum_of(
    head: str,
    labels: NDArray[np.int64],
    blocks: Iterable[Images],
    progress: Callable[[int], object] | None,
) -> str:
    digest = hashlib.sha256(head.encode())
    digest.update(np.ascontiguousarray(labels, dtype="<i8").data)
    for block in blocks:
        digest.update(little_endian(block).data)
        if progress is not None:
            progress(len(block))
    return digest.hexdigest()


def little_endian(images: Images) -> Images:
    """Images as they are stored and summed, one behind the other."""
    made: Any = np.ascontiguousarray(images, dtype=images.dtype.newbyteorder("<"))
    stored: Images = made
    return stored


def make_source(
    name: str,
    images: Images,
    labels: NDArray[np.int64],
    label_names: dict[int, str] | None = None,
    description: str = "",
) -> ArraySource:
    """Checked source with its checksum and mean image.

    Errors: no images, counts that differ, a label below 0.
    """
    if not len(images):
        raise UserError(f"source '{name}' has no images")
    if len(images) != len(labels):
        raise UserError(
            f"source '{name}' has {len(images)} images and {len(labels)} labels",
            wanted="each image needs one label",
        )
    if labels.min() < 0:
        raise UserError(
            f"source '{name}' has label {labels.min()}", wanted="labels count from 0 upwards"
        )
    names = {int(label): str(label) for label in present_in(labels)}
    return ArraySource(
        name=name,
        images=images if images.flags.c_contiguous else images.copy(),
        labels=labels.astype(np.int64, copy=False),
        label_names=names | (label_names or {}),
        checksum=source_checksum(images, labels),
        description=description,
        image_mean=mean_image(images),
    )
