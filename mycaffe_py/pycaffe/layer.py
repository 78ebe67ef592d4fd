"""The layers of a net as a script sees them."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.layers.user.python import PythonFacts
from mycaffe_py.layers.user.python_layer import PythonLayer
from mycaffe_py.pycaffe.blob import BlobView, ParamView
from mycaffe_py.pycaffe.plain_net import PlainNet


class BuiltinLayer:
    """A layer that comes with the program: its type and its parameters."""

    def __init__(self, net: PlainNet, number: int) -> None:
        node = net.graph.nodes[number]
        self._net = net
        self._number = number
        self.type = node.context.param.type
        self.blobs = [ParamView(net, key) for key in node.params]

    def setup(self, bottom: Sequence[BlobView], top: Sequence[BlobView]) -> None:
        """Does nothing: a layer is set up when its net is made."""

    def reshape(self, bottom: Sequence[BlobView], top: Sequence[BlobView]) -> None:
        """Give the tops the shapes that follow from the bottoms', as Net.reshape does for all."""
        self._net.settle(range(self._number, self._number + 1))


def layer_of(net: PlainNet, number: int) -> BuiltinLayer | PythonLayer:
    """A layer as a script sees it; a layer that is written in Python is its object itself."""
    facts = net.graph.nodes[number].plan.facts
    return facts.layer if isinstance(facts, PythonFacts) else BuiltinLayer(net, number)
