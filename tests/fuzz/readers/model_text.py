"""Nets as texts: read as training reads them, and compiled without running code or data."""

import contextlib
import sys
from pathlib import Path

from mycaffe_py.data.opening import LOOKING
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.graph.compile import OPTIMISING, compile_net
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from tests.fuzz.reader import Reader

_OLD = """\
name: "old" input: "x" input_dim: 2 input_dim: 1 input_dim: 8 input_dim: 8
layers { name: "conv" type: CONVOLUTION bottom: "x" top: "conv" blobs_lr: 1 blobs_lr: 2
  convolution_param { num_output: 3 kernel_size: 3 } }
layers { name: "relu" type: RELU bottom: "conv" top: "conv" }
layers { name: "ip" type: INNER_PRODUCT bottom: "conv" top: "ip"
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
"""
_CODE = """\
# A comment
layer { name: "data" type: "DummyData" top: "x" dummy_data_param: { shape { dim: [2, 3, 4, 5] } } }
layer { name: "own" type: "Python" bottom: "x" top: "y"
  python_param { module: "this" layer: "Own" param_str: "{\\"a\\": 1, 'b': \\x41\\101}" } }
layer { name: "lstm" type: "LSTM" bottom: "x" top: "h" include { phase: TRAIN stage: "a" } }
"""


def _samples(folder: Path) -> list[bytes]:
    names = ("lenet.prototxt", "siamese_28x28.prototxt")
    shipped = [find_text(name, "model").read_bytes() for name in names]
    return [*shipped, _OLD.encode(), _CODE.encode()]


def _read(path: Path) -> None:
    """Both phases must answer, whatever the text is."""
    for phase in (pb.TRAIN, pb.TEST):
        with contextlib.suppress(MyCaffeError):
            text = read_model(str(path), pb.NetState(phase=phase))
            compile_net(text, passes=tuple(OPTIMISING), opening=LOOKING)
    assert "this" not in sys.modules, "code ran that the text names"


WORDS = (
    b"{", b"}", b"[", b"]", b":", b";", b",", b"<", b">", b"#", b'"', b"'", b"\\", b"\\x", b"\0",
    b"nan", b"inf", b"-1", b"1e39", b"0x7fffffff", b"0777", b"true", b"1" * 5000, b"{" * 5000,
    b"layer {", b"layer { " * 300, b"\xef\xbb\xbf", b"\xff", b"\r", b"dim: 0 ", b"dim: 65536 ",
    b"axis: -9 ", b'type: "Split" ', b'bottom: "x" ', b'top: "x" ', b"param { name: \"w\" } ",
)  # fmt: skip

READER = Reader(samples=_samples, read=_read, file="net.prototxt", words=WORDS)
