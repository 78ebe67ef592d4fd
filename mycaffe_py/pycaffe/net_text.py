"""Floor 8. From the text of a net to a plain net, and the errors Caffe raises on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.read import read_net_file
from mycaffe_py.graph.select import State, located_layers, select
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.pycaffe.plain_net import PlainNet
from mycaffe_py.pycaffe.user_code import as_raised
from mycaffe_py.solver.debug_info import Say, speaking


class CaffeError(UserError, RuntimeError):
    """A mistake that Caffe answers with a RuntimeError, which scripts catch."""


@dataclass(frozen=True)
class NetSource:
    """An upgraded net text, where it stands, and what its rules are compared with."""

    net: pb.NetParameter
    where: Locations
    state: State

    def layers(self) -> list[pb.LayerParameter]:
        """The layers of this state, as they are saved."""
        return [found.param for found in select(located_layers(self.net, self.where), self.state)]

    def build(
        self,
        seed: int,
        stored: Mapping[str, Sequence[Shape]] | None = None,
        say: Say | None = None,
    ) -> PlainNet:
        """The net. `stored` are shapes of parameters that are about to be loaded or shared; with
        `say` it tells of every array (debug_info).
        """
        with as_raised():
            graph = compile_net(self.net, self.where, self.state, seed=seed, stored=stored)
        return PlainNet(speaking(graph, say) if say else graph, seed=seed)


def existing(file: str) -> Path:
    """`file` as a path; raises CaffeError where it cannot be opened, in Caffe's words."""
    path = Path(file)
    try:
        path.open("rb").close()
    except OSError as error:
        raise CaffeError(f"Could not open file {file}", wanted=error.strerror or "") from error
    return path


def read_net(file: str, phase: int, level: int, stages: Sequence[str]) -> NetSource:
    """The net of a file. `phase` and `level` count, whatever its `state` says; stages add up."""
    upgraded = read_net_file(existing(file))
    state = State(phase, level, (*upgraded.message.state.stage, *stages))
    return NetSource(upgraded.message, upgraded.locations, state)
