"""Floor 2. A source whose images lie in one contiguous array in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError

Images = NDArray[np.uint8] | NDArray[np.float32]

# Rows summed at a time for mean and checksum, so that no second copy of a large source is made.
_ROWS = 1024


@dataclass(frozen=True, eq=False)
class ArraySource:
    """Images (n, C, H, W), uint8 in 0-255 or float32, with one label >= 0 for each.

    `image_mean` is the stored mean image, computed when absent. `stand_in_for` names the source
    that was asked for and could not be had; reports must show it. `counters` is the JSON of names
    and scaling (counters/scaling.py) where the images are windows of counters, `pictures` that of
    the record (picture_record.py) where they are pictures and it is known how they were read.
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
        return int(self.labels.max()) + 1

    @property
    def class_count(self) -> int:
        """Labels that have an image: one without is no class."""
        return len(np.unique(self.labels))

    @property
    def word(self) -> str:
        """What one item is called."""
        return "window" if self.counters else "image"

    def __len__(self) -> int:
        return len(self.labels)

    def gather(self, records: NDArray[np.int64]) -> Images:
        """Copy of the images at `records` (n,): (n, C, H, W)."""
        return self.images.take(records, axis=0)

    def mean(self) -> NDArray[np.float32]:
        """Mean image (C, H, W) in the units of the images; a true mean, not rounded to bytes."""
        if self.image_mean is not None:
            return self.image_mean
        return mean_image(self.images)


def mean_image(images: Images) -> NDArray[np.float32]:
    """Mean over the rows of (n, C, H, W), summed in float64."""
    total = np.zeros(images.shape[1:], dtype=np.float64)
    for start in range(0, len(images), _ROWS):
        total += images[start : start + _ROWS].sum(axis=0, dtype=np.float64)
    return (total / len(images)).astype(np.float32)


def source_checksum(
    images: Images,
    labels: NDArray[np.int64],
    progress: Callable[[int], object] | None = None,
) -> str:
    """sha256 (hex) of shape, type, labels and pixels: equal sums mean equal training data.

    `progress` is told the number of images read since its last call.
    """
    digest = hashlib.sha256(f"{images.shape} {images.dtype.name}".encode())
    digest.update(np.ascontiguousarray(labels, dtype="<i8").data)
    little_endian = images.dtype.newbyteorder("<")
    for start in range(0, len(images), _ROWS):
        rows = np.ascontiguousarray(images[start : start + _ROWS], dtype=little_endian)
        digest.update(rows.data)
        if progress is not None:
            progress(len(rows))
    return digest.hexdigest()


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
    names = {int(label): str(label) for label in np.unique(labels)}
    return ArraySource(
        name=name,
        images=images if images.flags.c_contiguous else images.copy(),
        labels=labels.astype(np.int64),
        label_names=names | (label_names or {}),
        checksum=source_checksum(images, labels),
        description=description,
        image_mean=mean_image(images),
    )
