"""One record of Caffe's LMDB and LevelDB folders: an image with its label."""

from __future__ import annotations

import numpy as np
from google.protobuf.message import DecodeError

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.pictures.decoding import decode
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.proto.mycaffe_pb2 import Datum


def parse_datum(value: bytes) -> Datum:
    """The Datum in `value`. Errors: UnreadableError."""
    datum = Datum()
    try:
        datum.ParseFromString(value)
    except DecodeError as error:
        raise UnreadableError("it is no Datum") from error
    return datum


def datum_image(datum: Datum, colors: str = "", bgr: bool = True) -> Images:
    """Pixels (C, H, W): bytes, or floats where the Datum holds no bytes.

    An encoded picture is decoded (see `decoding.decode` for `colors` and `bgr`); pixels that stand
    there as they are stay so. Errors: UnreadableError.
    """
    if datum.encoded:
        return decode(datum.data, colors, bgr)
    shape = (datum.channels, datum.height, datum.width)
    if min(shape) < 1:
        raise UnreadableError(f"its shape is {shape}")
    pixels = (
        np.frombuffer(datum.data, dtype=np.uint8)
        if datum.data
        else np.array(datum.float_data, dtype=np.float32)
    )
    if pixels.size != np.prod(shape, dtype=np.int64):
        raise UnreadableError(f"its shape is {shape} and it holds {pixels.size} values")
    return pixels.reshape(shape)


def make_datum(image: Images, label: int) -> Datum:
    """The Datum of an image (C, H, W): bytes as bytes, everything else as floats."""
    channels, height, width = image.shape
    datum = Datum(channels=channels, height=height, width=width, label=label)
    if image.dtype == np.uint8:
        datum.data = image.tobytes()
    else:
        datum.float_data.extend(image.ravel().tolist())
    return datum
