"""A mean image as Caffe's compute_image_mean writes it, one BlobProto, or as .npy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_file import read_npy
from mycaffe_py.data.array_source import Images
from mycaffe_py.data.looked_for import unreadable
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.proto.blob import read_blob_file
from mycaffe_py.proto.mycaffe_pb2 import BlobProto
from mycaffe_py.proto.wire import WireError

_NPY = ".npy"


def read_mean_file(path: Path, shape: tuple[int, int, int], where: Where) -> NDArray[np.float32]:
    """Mean image (C, H, W) of the full, uncropped size.

    Errors: no such file, no mean, another shape than `shape`.
    """
    mean = read_mean(path, where)
    if mean.shape != shape:
        raise UserError(
            f"mean_file {path} is {mean.shape}",
            where=where,
            wanted=f"the images of the source are {shape}; the mean has their full size",
        )
    return mean


def read_mean(path: Path, where: Where | None = None) -> NDArray[np.float32]:
    """Mean image (C, H, W) of a file, of any size. Errors: no such file, no mean image."""
    try:
        values = _from_npy(path) if path.suffix == _NPY else _from_blob(path, where)
    except OSError as error:
        raise unreadable(f"mean_file {path}", path, error, where) from error
    except (ValueError, EOFError) as error:
        raise UserError(f"mean_file {path} holds no mean image: {error}", where=where) from error
    if values.ndim == 4 and len(values) == 1:
        values = values[0]
    if values.ndim != 3 or not values.size:
        raise UserError(
            f"mean_file {path} is {values.shape}", where=where, wanted="a mean image is (C, H, W)"
        )
    if np.isnan(values).any():
        raise UserError(
            f"mean_file {path} holds NaN",
            where=where,
            wanted="it is taken from every picture, so nothing could be computed with them",
            do="Make it anew: mycaffe dataset mean DATASET.SPLIT FILE.",
        )
    return np.ascontiguousarray(values, dtype=np.float32)


def _from_npy(path: Path) -> NDArray[np.float32]:
    loaded = read_npy(path)
    if loaded.dtype.kind not in "biuf":
        raise ValueError(f"its values are {loaded.dtype}")
    return _single(loaded)


def _single(values: NDArray[Any]) -> NDArray[np.float32]:
    # What single precision cannot hold becomes infinite, as it does in Caffe.
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(values, dtype=np.float32)


def _from_blob(path: Path, where: Where | None) -> NDArray[np.float32]:
    try:
        blob = read_blob_file(path)
    except WireError as error:
        raise UserError(
            f"mean_file {path} holds no BlobProto: {error}",
            where=where,
            wanted="a binary BlobProto as Caffe writes it",
            do="Was the file copied whole?",
        ) from error
    # Caffe takes a blob without a shape for one with the sizes 0 of the old form.
    return _single(blob.array if blob.shaped else blob.array.reshape(0, 0, 0, 0))


def write_mean(path: Path, mean: NDArray[np.float32]) -> None:
    """Write a mean image (C, H, W): .npy as an array, any other name as compute_image_mean does."""
    if path.suffix == _NPY:
        write_atomically(path, lambda file: np.save(file, mean))
        return
    channels, height, width = mean.shape
    blob = BlobProto(num=1, channels=channels, height=height, width=width)
    blob.data.extend(mean.ravel().tolist())
    write_atomically(path, blob.SerializeToString())


def running_mean(images: Iterable[Images]) -> NDArray[np.float32]:
    """Mean over images (C, H, W) that come one by one, summed in float64.

    Errors: none at all, two of different shapes.
    """
    total: NDArray[np.float64] | None = None
    count = 0
    for image in images:
        if total is None:
            total = np.zeros(image.shape, dtype=np.float64)
        if image.shape != total.shape:
            raise UserError(
                f"image {count} is {image.shape}",
                wanted=f"those before it are {total.shape}; a mean image has one size",
            )
        total += image
        count += 1
    if total is None:
        raise UserError("there are no images to take the mean of")
    return (total / count).astype(np.float32)
