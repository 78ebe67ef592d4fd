"""Weights that forks wrote: their options have numbers that mean something else here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.wire import bytes_header, write_varint
from mycaffe_py.snapshot.upgrade import upgrade_binary_net
from mycaffe_py.snapshot.weights import read_weights

# Numbers of layer options that forks gave to several messages, BVLC's and ours among them.
NUMBERS = (105, 137, 138, 140, 141, 142, 143, 145, 146, 147, 148, 204, 8266711)
# Of other messages than ours: whole numbers, fractions, fillers, and bytes that are no message.
CONTENTS = {
    "numbers": write_varint(1 << 3) + write_varint(7) + write_varint(2 << 3) + write_varint(300),
    "fraction": write_varint(3 << 3 | 5) + np.float32(0.0625).tobytes(),
    "filler": bytes_header(1, 10) + pb.FillerParameter(type="constant").SerializeToString(),
    "text": bytes_header(1, 4) + b"\xff\xfe\x00\x01",
}


def _file(path: Path, number: int, content: bytes) -> Path:
    blob = pb.BlobProto(shape=pb.BlobShape(dim=[2, 3]), data=range(6))
    layer = pb.LayerParameter(name="a", type="Anything", bottom=["x"], top=["y"], blobs=[blob])
    own = layer.SerializeToString() + bytes_header(number, len(content)) + content
    path.write_bytes(bytes_header(100, len(own)) + own)
    return path


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("content", CONTENTS)
def test_colliding_numbers_do_not_matter(tmp_path: Path, number: int, content: str) -> None:
    """Of a binary only name, type and blobs of a layer are taken; upgrading it keeps all bytes."""
    path = _file(tmp_path / "fork.caffemodel", number, CONTENTS[content])
    upgrade_binary_net(path, tmp_path / "today.caffemodel")
    for file in (path, tmp_path / "today.caffemodel"):
        (blob,) = read_weights(file).layers["a"]
        np.testing.assert_array_equal(blob.array, np.arange(6.0).reshape(2, 3))
    assert CONTENTS[content] in (tmp_path / "today.caffemodel").read_bytes()
