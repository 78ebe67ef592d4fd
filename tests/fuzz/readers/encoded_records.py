"""An LMDB of encoded pictures, read by the batch as a Data layer reads it; a record is damaged."""

import io
import shutil
from pathlib import Path

import lmdb
import numpy as np
from PIL import Image

from mycaffe_py.data.caffe_stores.record_feed import record_feed
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations, Place
from tests.fuzz.reader import Reader
from tests.fuzz.readers import encoded_pictures

_LAYER = pb.LayerParameter(name="data", type="Data", top=["x", "label"])
_LAYER.data_param.batch_size = 3
_LAYER.transform_param.scale = 0.5


def _whole() -> bytes:
    """Of the size of the samples."""
    stream = io.BytesIO()
    Image.new("RGB", (12, 8)).save(stream, "PNG")
    return pb.Datum(data=stream.getvalue(), encoded=True, label=1).SerializeToString()


def _read(path: Path) -> None:
    """It stands first, which tells the shape of all, or behind a whole one."""
    value, whole = path.read_bytes(), _whole()
    folder = path.with_name("store")
    shutil.rmtree(folder, ignore_errors=True)
    values = [value, whole] if len(value) % 2 else [whole, value]
    size = 1 << 22
    with lmdb.open(str(folder), map_size=size, sync=False) as store, store.begin(write=True) as to:
        for number, one in enumerate(values):
            to.put(b"%08d" % number, one)
    layer = pb.LayerParameter()
    layer.CopyFrom(_LAYER)
    layer.data_param.source = str(folder)
    layer.transform_param.force_color = len(value) % 3 == 0
    layer.transform_param.force_gray = len(value) % 3 == 1
    layer.transform_param.crop_size = len(value) % 5 // 3
    feed = record_feed(layer, "LMDB", True, 1, Locations("net.prototxt", Place()), print)
    feed.fill(0, [np.empty(shape, np.float32) for shape in feed.shapes])


READER = Reader(samples=encoded_pictures.READER.samples, read=_read, allowed=(UserError,))
