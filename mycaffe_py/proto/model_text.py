"""A model or solver text becomes its message in today's form: read, upgraded, overridden, checked.

Every such text comes through here, whoever needs it and for what.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from mycaffe_py.proto.finite import check_finite
from mycaffe_py.proto.mycaffe_pb2 import NetParameter, SolverParameter
from mycaffe_py.proto.override import set_field
from mycaffe_py.proto.text import Parsed, read_text, text_of_file
from mycaffe_py.proto.upgrade import Upgraded, upgrade_parsed_net, upgrade_parsed_solver


def read_net(
    text: str, file: str, layer_types: Collection[str] = (), overrides: Sequence[str] = ()
) -> Upgraded[NetParameter]:
    """The net that `text` describes; `file` names it in errors. Raises UserError.

    `overrides` are assignments to its fields, such as "layer.conv1.convolution_param.num_output=30"
    after `--set net.` on the command line. With the known `layer_types`, the error about one
    unknown name tells the unknown types as well.
    """
    return net_of(read_text(text, NetParameter, file, layer_types), overrides)


def net_of(parsed: Parsed[NetParameter], overrides: Sequence[str] = ()) -> Upgraded[NetParameter]:
    """The net of a text that was read already, which becomes today's in place. Raises UserError."""
    upgraded = upgrade_parsed_net(parsed)
    override_net(upgraded.message, overrides)
    check_finite(upgraded.message, upgraded.locations)
    return upgraded


def read_net_file(path: str | Path, layer_types: Collection[str] = ()) -> Upgraded[NetParameter]:
    """The net of the text file at `path`. Raises UserError."""
    return read_net(text_of_file(path), str(path), layer_types)


def override_net(net: NetParameter, overrides: Sequence[str]) -> None:
    """Work the assignments of `--set net.` into `net`. Raises UserError."""
    for override in overrides:
        set_field(net, override, option="--set net.")


def read_solver(
    text: str, file: str, layer_types: Collection[str] = (), overrides: Sequence[str] = ()
) -> Upgraded[SolverParameter]:
    """The solver that `text` describes, and the nets inside it. Raises UserError.

    `overrides` are assignments such as "base_lr=0.02" after `--set solver.` on the command line.
    """
    upgraded = upgrade_parsed_solver(read_text(text, SolverParameter, file, layer_types))
    for override in overrides:
        set_field(upgraded.message, override, option="--set solver.")
    return upgraded


def read_solver_file(path: str | Path) -> Upgraded[SolverParameter]:
    """The solver of the text file at `path`. Raises UserError."""
    return read_solver(text_of_file(path), str(path))
