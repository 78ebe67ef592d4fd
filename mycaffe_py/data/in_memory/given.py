"""What a program hands over as one split: images with labels, checked and laid out (C, H, W)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images, make_source
from mycaffe_py.data.in_memory.collecting import Rows, collected
from mycaffe_py.data.in_memory.label_names import LabelNames
from mycaffe_py.data.pictures.picture_record import PictureRecord
from mycaffe_py.errors import UserError

# Channels of pictures: gray, colours, colours with transparency.
_CHANNELS = (1, 3, 4)
# Of which files can be read, too.
_OF_PICTURES = (1, 3)
_DESCRIPTION = "handed over by a program"


def given_splits(data: Mapping[str, Any]) -> dict[str, ArraySource]:
    """The sources of `data`, which holds (X, y) or an iterable of (x, label) by split.

    All splits number their classes alike. Errors: what `given_rows` finds wrong, no split, other
    images in one split than in another.
    """
    rows = {split: given_rows(value, f"data['{split}']") for split, value in data.items()}
    labels = LabelNames(labels for _, labels in rows.values())
    made = {}
    for split, (images, own) in rows.items():
        numbers = labels.of(own)
        names = labels.names_of(numbers)
        made[split] = replace(
            make_source(split, images, numbers, names, _DESCRIPTION), pictures=_record(images)
        )
    _check_alike(made)
    return made


def _record(images: Images) -> str:
    """How a picture is read like `images` (n, C, H, W) of bytes; "" for other values.

    It is taken as it is, never inverted: the program has said what the pictures are.
    """
    channels, height, width = images.shape[1:]
    if images.dtype != np.uint8 or channels not in _OF_PICTURES or height * width == 1:
        return ""
    return PictureRecord(width, height, gray=channels == 1, fit="stretch").to_json()


def given_rows(value: Any, title: str) -> tuple[Images, Sequence[Any]]:
    """Images (n, C, H, W) and their labels (n,) of (X, y), or of an iterable of such.

    Errors: neither, no images, counts that differ, images of a shape or values that cannot be used.
    """
    images, labels = _split(value, title)
    if len(images) != len(labels):
        raise UserError(
            f"{title} has {len(images)} images and {len(labels)} labels",
            wanted="each image needs one label",
        )
    return laid_out(images, title), labels


def laid_out(given: Any, title: str) -> Images:
    """Images (n, C, H, W), uint8 or float32, of (n, H, W), (n, H, W, C) or a table (n, D).

    The rows of a table become (D, 1, 1). Errors: another shape or type, no values, NaN.
    """
    array = _array(given, title)
    if array.ndim == 2:
        array = array[:, :, np.newaxis, np.newaxis]
    elif array.ndim == 3:
        array = array[:, np.newaxis]
    elif array.ndim == 4:
        _check_channels(array.shape, title)
        array = array.transpose(0, 3, 1, 2)
    else:
        raise UserError(
            f"{title} is an array of shape {array.shape}",
            wanted="images are (n, height, width) or (n, height, width, channels), and rows of "
            "features (n, features)",
        )
    if not array.size:
        raise UserError(f"{title} is empty: its shape is {np.shape(given)}")
    images = array if array.dtype == np.uint8 else _floats(array, title)
    return np.ascontiguousarray(images)


def _split(value: Any, title: str) -> Rows:
    if isinstance(value, tuple | list) and len(value) == 2 and _is_whole(value):
        labels = value[1].tolist() if hasattr(value[1], "tolist") else list(value[1])
        return value[0], labels
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return collected(value, title)
    raise UserError(
        f"{title} is a {type(value).__name__}",
        wanted="(X, y), images with their labels, or an iterable of (image, label)",
    )


def _is_whole(pair: Sequence[Any]) -> bool:
    """Whether `pair` is (X, y) rather than two items (image, label)."""
    labels = pair[1]
    if not hasattr(pair[0], "__len__") or isinstance(labels, str | bytes):
        return False
    if isinstance(labels, tuple | list) and len(labels) == 2:
        # Two items, of which the second is an image with its label; or two labels.
        return np.ndim(_first(labels)) == 0
    return hasattr(labels, "__len__")


def _first(labels: Sequence[Any]) -> Any:
    return labels[0] if not isinstance(labels[0], str) else 0


def _array(given: Any, title: str) -> NDArray[Any]:
    try:
        array = np.asarray(given)
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{title} is no array: {error}", wanted="all its images have one size"
        ) from error
    if array.dtype.kind not in "biuf":
        raise UserError(
            f"{title} holds values of type {array.dtype}",
            wanted="numbers that are real",
            do="'mycaffe dataset create images FOLDER' makes a data set of files of pictures."
            if array.dtype.kind in "OU"
            else "",
        )
    return array


def _check_channels(shape: tuple[int, ...], title: str) -> None:
    if shape[3] not in _CHANNELS and shape[1] in _CHANNELS:
        raise UserError(
            f"{title} is an array of shape {shape}",
            wanted="channels come last: (n, height, width, channels)",
            do=f"Write numpy.moveaxis(X, 1, -1), which gives ({shape[0]}, {shape[2]}, {shape[3]}, "
            f"{shape[1]}).",
        )


def _floats(array: NDArray[Any], title: str) -> NDArray[np.float32]:
    # A value beyond float32 becomes endless, and is found below.
    with np.errstate(over="ignore"):
        floats = array.astype(np.float32)
    finite = np.isfinite(floats)
    if not finite.all():
        place = np.argwhere(~finite)[0].tolist()
        raise UserError(
            f"{title} has the value {array[tuple(place)]} in row {place[0]}",
            wanted="finite numbers, also as float32",
        )
    return floats


def _check_alike(made: Mapping[str, ArraySource]) -> None:
    """Errors: splits whose images differ in shape or type."""
    (first, source), *others = made.items()
    for split, other in others:
        if (other.shape, other.dtype) != (source.shape, source.dtype):
            raise UserError(
                f"data['{split}'] has {other.dtype} images {other.shape}",
                wanted=f"as those of data['{first}'], {source.dtype} {source.shape} (channels, "
                "height, width)",
            )
