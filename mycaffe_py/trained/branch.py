"""Whether the RUN net makes features by the branch that a Decode layer learned from.

Two branches with weights of their own may end in blobs that the RUN net's one branch stands for.
Centroids of the one say nothing about what the other makes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def check_branch(train: NetText, graph: Graph, decode: Node) -> None:
    """Errors: in training other weights made what the layer `decode` of the RUN net `graph` reads.

    Weights are the same where their layers have one name, or the parameters have.
    """
    layers = [layer.param for layer in train.selected()]
    learner = max(
        place
        for place, layer in enumerate(layers)
        if layer.name == decode.name and len(layer.bottom) > 1
    )
    blob = layers[learner].bottom[0]
    known = {name for layer in _above(layers[:learner], blob) for name in (layer.name, *_of(layer))}
    nodes = {node.name: node for node in graph.nodes}
    place = list(nodes).index(decode.name)
    params = [node.context.param for node in list(nodes.values())[:place]]
    for layer in _above(params, decode.bottoms[0]):
        names = _of(layer)
        shared = bool(names) and known.issuperset(names)
        if nodes[layer.name].params and layer.name not in known and not shared:
            raise UserError(
                f"'{decode.name}' learned from '{blob}', which is made without the weights of "
                f"'{layer.name}'; the RUN net makes '{decode.bottoms[0]}' with them"
            )


def _of(layer: LayerParameter) -> list[str]:
    return [param.name for param in layer.param if param.name]


def _above(layers: Sequence[LayerParameter], blob: str) -> Iterable[LayerParameter]:
    """Those of `layers` that have a part in what `blob` holds behind them, the last first."""
    wanted = {blob}
    for layer in reversed(layers):
        if wanted.intersection(layer.top):
            wanted.update(layer.bottom)
            yield layer
