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
    place = [node.name for node in graph.nodes].index(decode.name)
    for node in _nodes_above(graph, graph.nodes[:place], decode.bottoms[0]):
        # A node may be several layers in one, so its parameters tell whose weights they are.
        for param in (graph.params[key] for key in node.params):
            if known.isdisjoint((param.layer, *([param.name] if param.name else ()))):
                raise UserError(
                    f"'{decode.name}' learned from '{blob}', which is made without the weights of "
                    f"'{param.layer}'; the RUN net makes '{decode.bottoms[0]}' with them"
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


def _nodes_above(graph: Graph, nodes: Sequence[Node], blob: str) -> Iterable[Node]:
    """The same of nodes, whose bottoms and tops are not those of the text where layers were joined.

    A blob may be rows of a stacked one, which a node makes in its place.
    """
    wanted = {blob}
    for node in reversed(nodes):
        wanted.update([graph.rows[name].blob for name in wanted if name in graph.rows])
        if wanted.intersection(node.tops):
            wanted.update(node.bottoms)
            yield node
