"""Weights, states and whole nets in protobuf's binary form."""

from pathlib import Path

import numpy as np

from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, NetParameter
from mycaffe_py.snapshot.state import read_state, write_state
from mycaffe_py.snapshot.upgrade import upgrade_binary_net
from mycaffe_py.snapshot.weights import LayerWeights, read_weights, write_weights
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    layer = LayerParameter(name="ip", type="InnerProduct", bottom=["x"], top=["y"])
    write_weights(folder / "today", "net", [LayerWeights(layer, [rows, rows[0]])])
    write_state(folder / "state", 7, "net.caffemodel", [rows], 2, [rows.astype(np.float64)])
    old = NetParameter(name="old", input=["x"], input_dim=[1, 3, 4, 5])
    v1 = old.layers.add(name="ip", type=14, bottom=["x"], top=["y"], blobs_lr=[1, 2])
    v1.blobs.add(num=1, channels=1, height=3, width=4, data=rows.ravel().tolist())
    oldest = NetParameter(name="oldest")
    v0 = oldest.layers.add(bottom=["x"], top=["y"])
    v0.layer.name, v0.layer.type, v0.layer.num_output = "ip", "innerproduct", 3
    v0.layer.blobs.add(num=1, channels=1, height=3, width=4, data=rows.ravel().tolist())
    saved = [(folder / name).read_bytes() for name in ("today", "state")]
    return [*saved, old.SerializeToString(), oldest.SerializeToString()]


def _read(path: Path) -> None:
    """Whatever the file is, all three must answer."""
    for read in (read_state, read_weights, lambda p: upgrade_binary_net(p, p.with_name("new"))):
        try:
            read(path)
        except UserError:
            continue


READER = Reader(
    samples=_samples, read=_read, file="net.caffemodel", words=(b"\x12\0", b"\xa2\6\0", b"\x3a\0")
)
