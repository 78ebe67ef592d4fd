"""Files of two-byte parts: time and memory stay in proportion to what a net can be."""

from pathlib import Path

import pytest
from google.protobuf import __version__ as protobuf_version

from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import NetParameter
from mycaffe_py.proto.text import read_text
from mycaffe_py.proto.wire import MOST_PARTS, bytes_header
from mycaffe_py.snapshot.state import read_state
from mycaffe_py.snapshot.upgrade import upgrade_binary_net
from mycaffe_py.snapshot.weights import read_weights

MANY = MOST_PARTS + 1


def _inside_a_layer(content):
    return bytes_header(100, len(content)) + content


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x12\x00" * MANY, "65,536 layers"),
        (b"\xa2\x06\x00" * MANY, "65,536 layers"),
        (_inside_a_layer(b"\x3a\x00" * MANY), "65,536 blobs in a layer"),
    ],
    ids=["old_layers", "layers", "blobs"],
)
def test_more_layers_or_blobs_than_any_net_has_are_refused(
    tmp_path: Path, content, told: str
) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(content)
    with pytest.raises(UserError, match=told):
        read_weights(path)
    with pytest.raises(UserError, match=told):
        upgrade_binary_net(path, tmp_path / "new")


@pytest.mark.slow
def test_more_history_than_any_solver_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.solverstate"
    path.write_bytes(b"\x08\x01" + b"\x1a\x00" * MANY)
    with pytest.raises(UserError, match="65,536 blobs"):
        read_state(path)


@pytest.mark.slow
def test_a_text_of_empty_layers_ends_at_the_same_number() -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:1: more than 65,536 of 'layer'"):
        read_text("layer{}" * MANY, NetParameter, "net.prototxt")


@pytest.mark.skipif(
    int(protobuf_version.partition(".")[0]) < 7,
    reason="protobuf 5 and 6 hand such a name on as bytes",
)
def test_a_name_that_is_no_text_is_one_error(tmp_path: Path) -> None:
    """Protobuf takes it as it is, and fails where it is first looked at."""
    path = tmp_path / "net.caffemodel"
    path.write_bytes(b"\x12\x08" + b"\x22\x01a" + b"\x12\x01\xff" + b"\x28\x0e")
    with pytest.raises(UserError, match="is no binary net, or a damaged one: 'utf-8'"):
        upgrade_binary_net(path, tmp_path / "new")
