"""The datasets that travel inside the package and need no set-up."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_file import read_npz
from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.pictures.picture_record import known_record
from mycaffe_py.data.source_head import SourceHead, make_head
from mycaffe_py.errors import MyCaffeError, UserError, Where, nearest

SPLITS = ("training", "testing")

# (C, H, W) of an image.
_SHAPES = {"digits28": (1, 28, 28)}
_DESCRIPTIONS = {
    "digits28": (
        "1797 handwritten digits (E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten "
        "Digits, UCI Machine Learning Repository, CC BY 4.0), 8x8 brought to 28x28"
    )
}


def read_source(dataset: str, split: str, where: Where | None = None) -> ArraySource:
    """One split of a built-in dataset. Errors: no such split, a damaged installation."""
    _check_split(dataset, split, where)
    packed, labels, checksum = _stored(dataset, split)
    images = _unpacked(packed)
    source = make_source(
        f"{dataset}.{split}",
        images[:, np.newaxis],
        labels,
        description=_DESCRIPTIONS[dataset],
    )
    source = dataclasses.replace(source, pictures=known_record(source.name))
    if source.checksum != checksum:
        raise MyCaffeError(
            f"the built-in dataset {_path(dataset)} is damaged: checksum {source.checksum}",
            wanted=f"it was made with {checksum}",
            do="Install mycaffe-py again.",
        )
    return source


def read_head(dataset: str, split: str, where: Where | None = None) -> SourceHead:
    """The head of one split. Errors: as `read_source`."""
    _check_split(dataset, split, where)
    return _head(dataset, split)


@cache
def _head(dataset: str, split: str) -> SourceHead:
    _, stored, checksum = _stored(dataset, split)
    labels, counts = np.unique(stored, return_counts=True)
    return make_head(
        f"{dataset}.{split}",
        _SHAPES[dataset],
        dict(zip(labels.tolist(), counts.tolist(), strict=True)),
        checksum=checksum,
        description=_DESCRIPTIONS[dataset],
        pictures=known_record(f"{dataset}.{split}"),
    )


def _check_split(dataset: str, split: str, where: Where | None) -> None:
    if split not in SPLITS:
        raise UserError(
            f"dataset '{dataset}' has no split '{split}'", where=where, do=nearest(split, SPLITS)
        )


def _path(dataset: str) -> Path:
    return Path(__file__).with_name(f"{dataset}.npz")


def _stored(dataset: str, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64], str]:
    """Packed images, labels and checksum of a split. Errors: a damaged installation."""
    path = _path(dataset)
    try:
        stored = read_npz(path)
        packed, labels, checksum = (
            stored[f"{split}_{part}"] for part in ("packed", "labels", "checksum")
        )
    except (OSError, KeyError, ValueError) as error:
        raise MyCaffeError(
            f"the built-in dataset {path} is damaged: {error}", do="Install mycaffe-py again."
        ) from error
    return packed, labels.astype(np.int64), str(checksum)


def _unpacked(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (n, H, W) in 0-255 from (n, H, W/2): two pixels a byte, the left one in the high half.

    The sixteen levels are 17 apart, so that 15 becomes 255.
    """
    pixels = np.stack([packed >> 4, packed & 0x0F], axis=-1)
    return (pixels * np.uint8(17)).reshape(*packed.shape[:-1], -1)
