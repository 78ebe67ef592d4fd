"""What `debug_info: true` tells: the mean absolute value of every array, by layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from dataclasses import replace

import numpy as np

from mycaffe_py.engine.params import Params
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Array, LayerIO

Say = Callable[[str], None]


class DebugLines:
    """Passes each line of the nets on to `listener`: their solver, which is made after them."""

    def __init__(self) -> None:
        self.listener: Say | None = None
        self.muted = False

    def __call__(self, line: str) -> None:
        """Pass one line on; without a listener, or muted, it is dropped."""
        if self.listener is not None and not self.muted:
            self.listener(line)


def speaking(graph: Graph, say: Say) -> Graph:
    """The graph, changed so that each layer tells of its forward and backward in Caffe's lines.

    `graph` has to be compiled without passes, so that its layers are those of the text.
    """
    nodes = tuple(_speaking(node, graph, say) for node in graph.nodes)
    return replace(graph, nodes=nodes)


def _speaking(node: Node, graph: Graph, say: Say) -> Node:
    names = [graph.params[key].name or str(i) for i, key in enumerate(node.params)]

    def forward(io: LayerIO) -> None:
        node.layer.forward(io)
        start = f"    [Forward] Layer {node.name}, "
        for name, top in zip(node.tops, io.tops, strict=True):
            say(f"{start}top blob {name} data: {_mean(top)}")
        for name, param in zip(names, io.params, strict=True):
            say(f"{start}param blob {name} data: {_mean(param)}")

    def backward(io: LayerIO) -> None:
        node.layer.backward(io)
        start = f"    [Backward] Layer {node.name}, "
        for name, gradient in zip(node.bottoms, io.dbottoms, strict=True):
            if gradient is not None:
                say(f"{start}bottom blob {name} diff: {_mean(gradient)}")
        for index, gradient in enumerate(io.dparams):
            if gradient is not None:
                say(f"{start}param blob {index} diff: {_mean(gradient)}")

    layer = copy(node.layer)
    vars(layer).update(forward=forward, backward=backward)
    return replace(node, layer=layer)


def _mean(array: Array) -> str:
    """The mean absolute value (Caffe's asum / count); 0 for an array without values."""
    return f"{float(np.abs(array).sum(dtype=np.float64)) / max(1, array.size):g}"


def norms(params: Params) -> str:
    """The line that Caffe writes after a backward: L1 and L2 norms over all parameters."""
    found = []
    for arrays in (params.values, params.gradients):
        own = [arrays[info.key].astype(np.float64) for info in params.infos]
        found.append((math.fsum(float(np.abs(a).sum()) for a in own), _length(own)))
    (data_l1, data_l2), (diff_l1, diff_l2) = found
    return (
        "    [Backward] All net params (data, diff): "
        f"L1 norm = ({data_l1:g}, {diff_l1:g}); L2 norm = ({data_l2:g}, {diff_l2:g})"
    )


def _length(arrays: list[Array]) -> float:
    return math.sqrt(math.fsum(float(np.square(array).sum()) for array in arrays))
