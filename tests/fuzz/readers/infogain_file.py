"""The matrix of InfogainLoss, a BlobProto in a file: a net that names it is compiled."""

from pathlib import Path

import numpy as np

from mycaffe_py.data.opening import LOOKING
from mycaffe_py.data.transform.mean_file import write_mean
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.model_text import read_net
from tests.fuzz.reader import Reader

_NET = """\
layer { name: "x" type: "DummyData" top: "x" top: "label" dummy_data_param {
  shape { dim: 2 dim: 3 } shape { dim: 2 } } }
layer { name: "loss" type: "InfogainLoss" bottom: "x" bottom: "label" top: "loss"
  infogain_loss_param { source: "H.binaryproto" } }
"""


def _samples(folder: Path) -> list[bytes]:
    """As Caffe's tools write it, with four axes, and as a matrix."""
    rows = np.eye(3, dtype=np.float32)
    write_mean(folder / "four", rows[np.newaxis])
    named = pb.BlobProto(data=rows.ravel().tolist(), shape=pb.BlobShape(dim=[3, 3]))
    wide = pb.BlobProto(double_data=rows.ravel().tolist(), shape=pb.BlobShape(dim=[9]))
    made = [blob.SerializeToString() for blob in (named, wide)]
    return [(folder / "four").read_bytes(), *made]


def _read(path: Path) -> None:
    upgraded = read_net(_NET, str(path.with_name("net.prototxt")))
    compile_net(NetText(upgraded.message, upgraded.locations, State(pb.TRAIN)), opening=LOOKING)


READER = Reader(
    samples=_samples, read=_read, file="H.binaryproto",
    words=(b"\x3a\0", b"\x2a\0", b"\x08\xff\xff\xff\xff\x07", b"\0\0\xc0\x7f"),
)  # fmt: skip
