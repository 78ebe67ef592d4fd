"""Floor 4. Branches that share every parameter run once, on their rows stacked.

Twins are layers of one type with the same options, the same parameters and bottoms of one shape,
or parameterless layers with the same options behind twins. Their tops become rows of one blob, so
a Siamese pair costs one product on twice the rows instead of two, and one pass over the weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node, Rows
from mycaffe_py.graph.order import sort_nodes
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import BlobSpec, LayerContext
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

Group = tuple[int, ...]


@dataclass
class _Found:
    """Groups of node numbers, the group of each top, and why others were not merged."""

    groups: list[Group]
    refused: list[str]


def merge_twins(graph: Graph) -> Graph:
    """Merge all twins of `graph`; notes say which were merged and which not, and why."""
    found = _find(graph)
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
    return replace(result, notes=(*graph.notes, *_notes(graph, found)))


def _notes(graph: Graph, found: _Found) -> list[str]:
    names = [" + ".join(graph.nodes[i].name for i in group) for group in found.groups]
    first = f"merge_twins: {len(names)} groups run on stacked rows"
    return [first + (f": {', '.join(names)}" if names else ""), *found.refused]


def _options(node: Node) -> bytes:
    """What the text says of a layer beside its names and when it is there."""
    param = LayerParameter()
    param.CopyFrom(node.context.param)
    for field in ("name", "bottom", "top", "param", "include", "exclude", "propagate_down"):
        param.ClearField(field)
    return param.SerializeToString(deterministic=True)


def _find(graph: Graph) -> _Found:
    found = _Found([], [])
    by_params: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, node in enumerate(graph.nodes):
        if node.params:
            by_params[node.params].append(number)
    done: set[int] = set()
    for number, node in enumerate(graph.nodes):
        peers = by_params.get(node.params, []) if node.params else []
        if number not in done and len(peers) > 1:
            _follow(graph, tuple(peers), found, done)
    return found


def _follow(graph: Graph, group: Group, found: _Found, done: set[int]) -> None:
    """Take `group`, then the parameterless layers behind it, as long as they are twins."""
    while len(set(group)) > 1 and not done.intersection(group):
        done.update(group)
        nodes = [graph.nodes[i] for i in group]
        why = _obstacle(graph, nodes)
        if why:
            names = ", ".join(node.name for node in nodes)
            found.refused.append(f"merge_twins: {names} not merged: {why}")
            return
        found.groups.append(group)
        following = [_next(graph, i) for i in group]
        if any(n is None or graph.nodes[n].params for n in following):
            return
        group = tuple(n for n in following if n is not None)
        if len({(graph.nodes[n].layer.type, _options(graph.nodes[n])) for n in group}) > 1:
            return
        if not graph.nodes[group[0]].layer.rows_independent:
            return


def _next(graph: Graph, number: int) -> int | None:
    """The reader of a node's only top, if it is a chain link (in-place layers follow in order)."""
    node = graph.nodes[number]
    top = node.tops[0]
    later = [i for i, other in enumerate(graph.nodes) if i > number and top in other.bottoms]
    if not later or len(graph.nodes[later[0]].bottoms) != 1:
        return None
    following = graph.nodes[later[0]]
    return later[0] if len(following.tops) == 1 else None


def _obstacle(graph: Graph, nodes: Sequence[Node]) -> str:
    """Why these layers cannot be one, or ""."""
    first = nodes[0]
    if any(len(n.bottoms) != 1 or len(n.tops) != 1 for n in nodes):
        return "they have several bottoms or tops"
    if len({n.layer.type for n in nodes}) > 1 or len({_options(n) for n in nodes}) > 1:
        return "their options differ"
    if len({graph.blobs[n.bottoms[0]].shape for n in nodes}) > 1:
        return "their bottoms differ in shape"
    if not first.layer.rows_independent:
        return f"the rows of a {first.layer.type} layer depend on each other"
    if len({(n.propagate, n.param_gradients, n.backward) for n in nodes}) > 1:
        return "their gradients are wanted differently"
    if any(n.has_loss for n in nodes):
        return "they have a loss"
    if not _stackable(graph, nodes):
        return "their sizes depend on the number of rows"
    if _depends(graph, nodes):
        return "one branch reads what another makes"
    return ""


def _stackable(graph: Graph, nodes: Sequence[Node]) -> bool:
    """Whether the layer on stacked rows has the same parameters and that many more rows out."""
    first = nodes[0]
    spec = graph.blobs[first.bottoms[0]]
    if not spec.shape:
        return False
    try:
        plan = first.layer.plan(replace(first.context, bottoms=(_stacked(spec, len(nodes)),)))
    except UserError:
        return False
    same = [p.shape for p in plan.params] == [p.shape for p in first.plan.params]
    return same and plan.tops[0].shape == _stacked(first.plan.tops[0], len(nodes)).shape


def _stacked(spec: BlobSpec, times: int) -> BlobSpec:
    return replace(spec, shape=(times * spec.shape[0], *spec.shape[1:]))


def _depends(graph: Graph, nodes: Sequence[Node]) -> bool:
    tainted: set[str] = set()
    names = {id(node) for node in nodes}
    for node in graph.nodes:
        reads = any(bottom in tainted for bottom in node.bottoms)
        if id(node) in names and reads:
            return True
        if id(node) in names or reads:
            tainted.update(node.tops)
    return False


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
        context = replace(first.context, param=param, bottoms=(self._spec(bottom),))
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
        stacked = "+".join(names)
        if stacked not in self.blobs:
            specs = [self.graph.blobs[name] for name in names]
            count = specs[0].shape[0]
            self.blobs[stacked] = _stacked(specs[0], len(names))
            for k, name in enumerate(names):
                self.rows[name] = Rows(stacked, k * count, count)
        return stacked

    def _bottom(self, twins: Sequence[Node], position: int) -> str:
        """The stacked bottom: placed directly by its producers, or joined by a Concat layer."""
        names = [node.bottoms[0] for node in twins]
        stacked = "+".join(names)
        if stacked in self.blobs or self._may_be_placed(names):
            return self._stack(names)
        param = LayerParameter(name=f"stack_{stacked}", type="Concat", bottom=names, top=[stacked])
        param.concat_param.axis = 0
        layer = layer_types.get("Concat")
        context = LayerContext(
            param=param,
            phase=self.graph.phase,
            bottoms=tuple(self.graph.blobs[name] for name in names),
            where=twins[0].context.where,
        )
        plan = layer.plan(context)
        self.blobs[stacked] = plan.tops[0]
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
                    tops=(stacked,),
                    loss_weights=(0.0,),
                    propagate=(wanted,) * len(names),
                    backward=wanted,
                ),
            )
        )
        return stacked

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
