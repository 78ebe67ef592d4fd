"""An iterable of images with labels, or of batches of such, collected into arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mycaffe_py.errors import UserError

# Images, and a label for each.
Rows = tuple[Any, Sequence[Any]]

# More than this is no list of images that was meant to be held in memory.
_MOST_BYTES = 16 << 30
_WANTED = "items (image, label), or batches (images, labels)"


def collected(items: Iterable[Any], title: str) -> Rows:
    """All `items` as images (n, ...) and their labels, once and in their order.

    An item is (image, label); or a batch, whose label is an array with one for each of its images.
    Errors: another item, an image of another shape, no item, one that has no end.
    """
    parts: list[Any] = []
    labels: list[Any] = []
    size = 0
    for number, item in enumerate(items):
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise UserError(f"item {number} of {title} is a {_told(item)}", wanted=_WANTED)
        images, own = _rows(item, f"item {number} of {title}")
        if parts and images.shape[1:] != parts[0].shape[1:]:
            raise UserError(
                f"item {number} of {title} is an image of shape {images.shape[1:]}",
                wanted=f"as the first one, {parts[0].shape[1:]}",
            )
        parts.append(images)
        labels += own
        size += images.nbytes
        if size > _MOST_BYTES:
            raise UserError(
                f"{title} has given {len(labels):,} images, and goes on",
                wanted=f"an iterable that comes to an end, of at most {_MOST_BYTES >> 30} GB",
                do="For endless data, name code with python_source_param in the model's text.",
            )
    if not parts:
        raise UserError(f"{title} has no items", wanted=_WANTED)
    return np.concatenate(parts), labels


def _rows(item: Sequence[Any], title: str) -> Rows:
    """Images (n, ...) and their labels of one item."""
    try:
        image = np.asarray(item[0])
    except (ValueError, TypeError) as error:
        raise UserError(f"{title} is no array: {error}", wanted=_WANTED) from error
    own = item[1]
    if hasattr(own, "tolist"):
        own = own.tolist()
    if not isinstance(own, list):
        return image[np.newaxis], [own]
    if image.ndim == 0 or len(own) != len(image):
        count = len(image) if image.ndim else 0
        raise UserError(f"{title} has {count} images and {len(own)} labels", wanted="one for each")
    return image, own


def _told(item: Any) -> str:
    return type(item).__name__
