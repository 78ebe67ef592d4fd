"""The same pictures inside Caffe's records."""

from pathlib import Path

from mycaffe_py.data.caffe_stores.datum import datum_image, parse_datum
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.proto.mycaffe_pb2 import Datum
from tests.fuzz.reader import Reader
from tests.fuzz.readers import pictures


def _samples(folder: Path) -> list[bytes]:
    made = [Datum(data=one, encoded=True, label=3) for one in pictures.READER.samples(folder)]
    plain = Datum(channels=1, height=2, width=3, data=bytes(6), label=1)
    floats = Datum(channels=1, height=2, width=3, float_data=[0.5] * 6, label=1)
    return [datum.SerializeToString() for datum in (*made, plain, floats)]


def _read(path: Path) -> None:
    value = path.read_bytes()
    colors = ("", "color", "gray")[len(value) % 3]
    datum_image(parse_datum(value), colors)


READER = Reader(samples=_samples, read=_read, allowed=(UnreadableError,))
