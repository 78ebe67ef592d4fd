"""Makes a plain net of the text of a net, and raises the errors that Caffe raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText, net_text, text_card
from mycaffe_py.graph.select import State
from mycaffe_py.layers.base import Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe.plain_net import PlainNet
from mycaffe_py.pycaffe.user_code import as_raised
from mycaffe_py.solver.debug_info import Say, speaking


class CaffeError(UserError, RuntimeError):
    """A mistake for which Caffe raises a RuntimeError, which scripts catch."""


@dataclass(frozen=True)
class NetSource:
    """A net text from which a net can be built."""

    text: NetText

    def layers(self) -> list[pb.LayerParameter]:
        """The layers of the text's state, as they are saved."""
        return [found.param for found in self.text.selected()]

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
            graph = compile_net(self.text, seed=seed, stored=stored)
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
    text = net_text(text_card(existing(file)))
    state = State(phase, level, (*text.net.state.stage, *stages))
    return NetSource(replace(text, state=state))
