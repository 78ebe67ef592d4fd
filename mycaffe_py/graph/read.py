"""Floor 4. The net of a model text in today's form; an error tells unknown layer types too."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.layers import layer_types
from mycaffe_py.proto.finite import check_finite
from mycaffe_py.proto.mycaffe_pb2 import NetParameter
from mycaffe_py.proto.text import read_text, read_text_file
from mycaffe_py.proto.upgrade import Upgraded, upgrade_parsed_net


def read_net(text: str, file: str) -> Upgraded[NetParameter]:
    """The net that `text` describes; `file` names it in errors. Raises UserError."""
    return _checked(upgrade_parsed_net(read_text(text, NetParameter, file, layer_types)))


def read_net_file(path: str | Path) -> Upgraded[NetParameter]:
    """The net of the text file at `path`. Raises UserError."""
    return _checked(upgrade_parsed_net(read_text_file(path, NetParameter, layer_types)))


def _checked(net: Upgraded[NetParameter]) -> Upgraded[NetParameter]:
    check_finite(net.message, net.locations)
    return net
