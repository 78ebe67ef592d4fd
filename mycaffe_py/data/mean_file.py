"""Floor 2. A mean image as Caffe's compute_image_mean writes it: one BlobProto."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from mycaffe_py.errors import UserError, Where
from mycaffe_py.proto.mycaffe_pb2 import BlobProto


def read_mean_file(path: Path, shape: tuple[int, int, int], where: Where) -> NDArray[np.float32]:
    """Mean image (C, H, W) of the full, uncropped size.

    Errors: no such file, no BlobProto, another shape than `shape`.
    """
    blob = BlobProto()
    try:
        blob.ParseFromString(path.read_bytes())
    except OSError as error:
        raise UserError(f"mean_file {path} cannot be read: {error}", where=where) from error
    except DecodeError as error:
        raise UserError(f"mean_file {path} holds no BlobProto", where=where) from error
    if blob.HasField("shape"):
        found = tuple(blob.shape.dim)
    else:
        found = (blob.num, blob.channels, blob.height, blob.width)
    values = np.array(blob.double_data or blob.data, dtype=np.float32)
    if found not in (shape, (1, *shape)) or values.size != np.prod(shape):
        raise UserError(
            f"mean_file {path} is {found} with {values.size} values",
            where=where,
            wanted=f"the images of the source are {shape}; the mean has their full size",
        )
    return values.reshape(shape)
