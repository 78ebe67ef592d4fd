"""The list of pictures that ImageData reads."""

from pathlib import Path

from mycaffe_py.data.caffe_stores.image_list import read_list
from mycaffe_py.errors import Where
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    return [b"a.png 0\nfolder/b c.jpg 12\r\n\n\xc3\xa4.png 3\n"]


READER = Reader(
    samples=_samples,
    read=lambda path: read_list(path, "", Where("net.prototxt", 2)),
    file="list.txt",
    words=(b"\0", b" ", b"\n", b" 1_0\n", b" -3\n", b" " + b"9" * 5000 + b"\n", b"\xe2\x80\xa8"),
)
