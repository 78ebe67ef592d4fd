"""What a user's function hands out, checked: shape, type, finiteness, range of labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import Shape
from mycaffe_py.errors import UserError, Where

# Images (n, C, H, W) with labels (n,) or (n, K).
# Images (n, ...) and their labels (n, ...).
LabelledRows = tuple[NDArray[Any], NDArray[Any]]

_ITEM_NDIM = 3
_WANTED = (
    "a pair: an image (C, H, W) with its label, a number or (K,) numbers; or a batch of such, "
    "(n, C, H, W) with (n,) or (n, K)"
)
# Kinds of numpy numbers: flags, whole numbers and fractions.
_NUMBERS = "biuf"


class RowsChecker:
    """Makes items and batches alike: rows. The first one sets the shape for all.

    `title` says whose they are; labels are below `label_count` where that is not 0.
    """

    def __init__(self, title: str, label_count: int = 0, where: Where | None = None) -> None:
        self.title = title
        self.label_count = label_count
        self.where = where
        self.gives_batches = False
        self._shapes: tuple[Shape, Shape] | None = None

    def rows(self, found: Any, batch: int, count: int = 0) -> LabelledRows:
        """The rows of an item or a batch that `batch` is made of; `count` of them if not 0."""
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise self.error(batch, f"it gave {_told(found)}")
        images = self._array(found[0], "image", batch)
        labels = self._array(found[1], "label", batch)
        is_batch = images.ndim == _ITEM_NDIM + 1
        if not is_batch:
            images, labels = images[np.newaxis], labels[np.newaxis]
        if images.ndim != _ITEM_NDIM + 1 or labels.ndim not in (1, 2):
            raise self.error(batch, f"it gave shapes {_shape(found[0])} and {_shape(found[1])}")
        if len(images) != len(labels) or not images.size or (count and len(images) != count):
            wanted = f"{count} of each, the batch_size" if count else "as many of both, at least 1"
            found_rows = f"it gave {len(images)} images and {len(labels)} labels"
            raise self.error(batch, found_rows, wanted)
        self._check_shapes((images.shape[1:], labels.shape[1:]), is_batch, batch)
        self._check_labels(labels, batch)
        return images, labels

    def check_finite(self, tops: Sequence[NDArray[Any]], batch: int) -> None:
        """Stop at a value in `tops` that is NaN or infinite."""
        for name, top in zip(("image", "label"), tops, strict=False):
            finite = np.isfinite(top)
            if not finite.all():
                place = tuple(np.argwhere(~finite)[0].tolist())
                raise self.error(
                    batch,
                    f"the {name} in row {place[0]} has the value {top[place]} at {place[1:]}",
                    "finite numbers, also as float32",
                )

    def check_held(
        self, parts: Sequence[LabelledRows], tops: Sequence[NDArray[Any]], batch: int
    ) -> None:
        """Stop at a label, given as a whole number, that the label top cannot hold.

        Above 2^24 single precision cannot hold all of them: classes would run together.
        """
        if len(tops) < 2 or all(labels.dtype.kind not in "iu" for _, labels in parts):
            return
        given = np.concatenate([labels for _, labels in parts])
        lost = given.astype(tops[1].dtype).astype(given.dtype) != given
        if lost.any():
            place = tuple(np.argwhere(lost)[0].tolist())
            raise self.error(
                batch,
                f"row {place[0]} has label {given[place]}, which cannot be held exactly",
                f"labels are held in {np.finfo(tops[1].dtype).bits} bits; number classes from 0, "
                "or give values that are no classes as floating point numbers",
            )

    def error(self, batch: int, found: str, wanted: str = _WANTED) -> UserError:
        """The mistake of the function in a batch."""
        return UserError(f"{self.title}, batch {batch}: {found}", where=self.where, wanted=wanted)

    def _array(self, value: Any, name: str, batch: int) -> NDArray[Any]:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise self.error(batch, f"the {name} is no array: {error}") from error
        if array.dtype.kind not in _NUMBERS:
            raise self.error(batch, f"the {name} has type {array.dtype}", "numbers that are real")
        return array

    def _check_shapes(self, shapes: tuple[Shape, Shape], is_batch: bool, batch: int) -> None:
        if self._shapes is None:
            self._shapes = shapes
            self.gives_batches = is_batch
        elif shapes != self._shapes:
            raise self.error(
                batch,
                f"an image is {shapes[0]} and a label {shapes[1]}",
                f"all are as the first ones, {self._shapes[0]} and {self._shapes[1]}",
            )
        elif is_batch != self.gives_batches:
            kinds = ("items", "batches")
            raise self.error(
                batch, f"it gave {kinds[is_batch]} after {kinds[not is_batch]}", "one of the two"
            )

    def _check_labels(self, labels: NDArray[Any], batch: int) -> None:
        if not self.label_count:
            return
        good = (labels >= 0) & (labels < self.label_count) & (labels == np.floor(labels))
        if not good.all():
            raise self.error(
                batch,
                f"it gave label {labels[~good].flat[0]}",
                f"label_count is {self.label_count}, so labels are whole and run from 0 to "
                f"{self.label_count - 1}",
            )


def _told(found: Any) -> str:
    return "None" if found is None else f"a {type(found).__name__}"


def _shape(value: Any) -> Shape:
    return np.asarray(value).shape
