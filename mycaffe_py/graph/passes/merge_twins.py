"""Branches that share every parameter run once, on their rows stacked.

Twins are layers of one type with the same options, the same parameters and bottoms of one shape,
or parameterless layers with the same options behind twins. Their tops become rows of one blob, so
a Siamese pair costs one product on twice the rows instead of two, and one pass over the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node, Rows
from mycaffe_py.graph.order import sort_nodes
from mycaffe_py.graph.passes.linear_end import ends_linearly
from mycaffe_py.graph.passes.twins import Twins, find_twins, stacked
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import BlobSpec, LayerContext
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def merge_twins(graph: Graph) -> Graph:
    """Merge all twins of `graph`; notes say which were merged and which not, and why."""
    found = find_twins(graph)
    if not found.groups:
        return replace(graph, notes=(*graph.notes, *_notes(graph, found)))
    merged = _Merger(graph)
    for group in found.groups:
        merged.add([graph.nodes[i] for i in group], min(group))
    gone = {i for group in found.groups for i in group}
    kept = [(i, node) for i, node in enumerate(graph.nodes) if i not in gone]
    nodes = [node for _, node in sorted([*kept, *merged.nodes], key=lambda pair: pair[0])]
    result = replace(
        graph,
        blobs={**graph.blobs, **merged.blobs},
        rows={**graph.rows, **merged.rows},
        nodes=tuple(sort_nodes(nodes, merged.rows)),
    )
    return replace(_forget_twins(result), notes=(*graph.notes, *_notes(graph, found)))


def _forget_twins(graph: Graph) -> Graph:
    """Let `twins` of a layer's context be 1 where a layer behind makes their gradients differ."""
    nodes = [
        node
        if node.context.twins == 1 or ends_linearly(graph, number)
        else replace(node, context=replace(node.context, twins=1))
        for number, node in enumerate(graph.nodes)
    ]
    return replace(graph, nodes=tuple(nodes))


def _notes(graph: Graph, found: Twins) -> list[str]:
    names = [" + ".join(graph.nodes[i].name for i in group) for group in found.groups]
    first = f"merge_twins: {len(names)} groups run on stacked rows"
    return [first + (f": {', '.join(names)}" if names else ""), *found.refused]


class _Merger:
    """Collects the merged nodes and the stacked blobs."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[tuple[int, Node]] = []
        self.rows: dict[str, Rows] = {}
        self.blobs: dict[str, BlobSpec] = {}

    def add(self, twins: Sequence[Node], position: int) -> None:
        """Add the node that stands for `twins`."""
        bottom = self._bottom(twins, position)
        first = twins[0]
        param = LayerParameter()
        param.CopyFrom(first.context.param)
        param.name = "+".join(node.name for node in twins)
        bottoms = (self._spec(bottom),)
        context = replace(first.context, param=param, bottoms=bottoms, twins=len(twins))
        plan = first.layer.plan(context)
        top = self._stack([node.tops[0] for node in twins])
        self.nodes.append(
            (
                position,
                replace(
                    first,
                    name=param.name,
                    context=context,
                    plan=plan,
                    bottoms=(bottom,),
                    tops=(top,),
                ),
            )
        )

    def _spec(self, blob: str) -> BlobSpec:
        return self.blobs[blob] if blob in self.blobs else self.graph.blobs[blob]

    def _stack(self, names: Sequence[str]) -> str:
        """The blob whose rows are `names`, made when it does not exist yet."""
        whole = "+".join(names)
        if whole not in self.blobs:
            specs = [self.graph.blobs[name] for name in names]
            count = specs[0].shape[0]
            self.blobs[whole] = stacked(specs[0], len(names))
            for k, name in enumerate(names):
                self.rows[name] = Rows(whole, k * count, count)
        return whole

    def _bottom(self, twins: Sequence[Node], position: int) -> str:
        """The stacked bottom: placed directly by its producers, or joined by a Concat layer."""
        names = [node.bottoms[0] for node in twins]
        whole = "+".join(names)
        if whole in self.blobs or self._may_be_placed(names):
            return self._stack(names)
        param = LayerParameter(name=f"stack_{whole}", type="Concat", bottom=names, top=[whole])
        param.concat_param.axis = 0
        layer = layer_types.get("Concat")
        context = LayerContext(
            param=param,
            phase=self.graph.phase,
            bottoms=tuple(self.graph.blobs[name] for name in names),
            where=twins[0].context.where,
        )
        plan = layer.plan(context)
        self.blobs[whole] = plan.tops[0]
        wanted = twins[0].propagate[0]
        self.nodes.append(
            (
                position,
                Node(
                    name=param.name,
                    layer=layer,
                    context=context,
                    plan=plan,
                    bottoms=tuple(names),
                    tops=(whole,),
                    loss_weights=(0.0,),
                    propagate=(wanted,) * len(names),
                    backward=wanted,
                ),
            )
        )
        return whole

    def _may_be_placed(self, names: Sequence[str]) -> bool:
        """Whether the producers can write these blobs as rows of one: no views, no rows already."""
        if len(set(names)) < len(names) or any(name in self.rows for name in names):
            return False
        for node in self.graph.nodes:
            for index, top in enumerate(node.tops):
                if top in names and (index in node.plan.views or node.in_place[index]):
                    return False
            if any(node.bottoms[b] in names for b in node.plan.views.values()):
                return False
        return True
