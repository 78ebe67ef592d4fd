"""Arrays as Caffe's messages and back: blobs, lists of blobs, database records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.blob import read_blob


def blobproto_to_array(blob: pb.BlobProto, return_diff: bool = False) -> NDArray[np.float64]:
    """The values (or gradients) of `blob`: (num, channels, height, width) or its `shape`.

    Where only the double field is filled, that one is read, which Caffe's function does not. A
    blob without any shape is a scalar; with more than one value it is a ValueError.
    """
    read = pb.BlobProto()
    read.CopyFrom(blob)
    if len(blob.diff if return_diff else blob.data):
        read.ClearField("double_diff" if return_diff else "double_data")
    stored = read_blob(memoryview(read.SerializeToString()), diff=return_diff)
    values = stored.array if stored.shaped else stored.array.reshape(())
    return values.astype(np.float64)


def array_to_blobproto(arr: NDArray[Any], diff: NDArray[Any] | None = None) -> pb.BlobProto:
    """A BlobProto of the shape of `arr` with its values, and the gradients `diff`."""
    blob = pb.BlobProto(data=arr.ravel().tolist(), shape=pb.BlobShape(dim=arr.shape))
    if diff is not None:
        blob.diff.extend(diff.ravel().tolist())
    return blob


def arraylist_to_blobprotovector_str(arraylist: Iterable[NDArray[Any]]) -> bytes:
    """The arrays as a serialized BlobProtoVector."""
    blobs = [array_to_blobproto(array) for array in arraylist]
    return pb.BlobProtoVector(blobs=blobs).SerializeToString()


def blobprotovector_str_to_arraylist(text: bytes) -> list[NDArray[np.float64]]:
    """The arrays in a serialized BlobProtoVector."""
    return [blobproto_to_array(blob) for blob in pb.BlobProtoVector.FromString(text).blobs]


def array_to_datum(arr: NDArray[Any], label: int | None = None) -> pb.Datum:
    """A database record of `arr` (C, H, W): bytes for uint8, floats for any other type.

    Raises ValueError for other than three axes.
    """
    if arr.ndim != 3:
        raise ValueError(f"Incorrect array shape. A datum is (C, H, W), this is {arr.shape}.")
    datum = pb.Datum(channels=arr.shape[0], height=arr.shape[1], width=arr.shape[2])
    if arr.dtype == np.uint8:
        datum.data = arr.tobytes()
    else:
        datum.float_data.extend(arr.ravel().tolist())
    if label is not None:
        datum.label = int(label)
    return datum


def datum_to_array(datum: pb.Datum) -> NDArray[Any]:
    """The values of a record (C, H, W), writable: uint8 of bytes, float64 of floats.

    Raises ValueError for one that holds a compressed picture file.
    """
    if datum.encoded:
        raise ValueError("the datum holds a picture file; open its data with Pillow or OpenCV")
    shape = (datum.channels, datum.height, datum.width)
    if datum.data:
        return np.frombuffer(datum.data, dtype=np.uint8).reshape(shape).copy()
    return np.array(datum.float_data, dtype=np.float64).reshape(shape)
