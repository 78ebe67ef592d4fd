"""Which layers are twins: the same layer on other rows, by parameters and options."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.twin_options import same_facts, without_fillers
from mycaffe_py.graph.unsettled import unsettled, why_unsettled
from mycaffe_py.layers.base import BlobSpec

Group = tuple[int, ...]


@dataclass(frozen=True)
class Twins:
    """Groups of node numbers, the group of each top, and why others were not merged."""

    groups: list[Group]
    refused: list[str]


def find_twins(graph: Graph) -> Twins:
    """Twins with parameters first, then the parameterless layers behind them."""
    found = Twins([], [])
    by_params: dict[tuple[ParamKey, ...], list[int]] = defaultdict(list)
    for number, node in enumerate(graph.nodes):
        if node.params:
            by_params[node.params].append(number)
    done: set[int] = set()
    for number, node in enumerate(graph.nodes):
        peers = by_params.get(node.params, []) if node.params else []
        if number not in done and len(peers) > 1:
            _follow(graph, tuple(peers), found, done)
    return found


def _same_layer(nodes: Sequence[Node]) -> bool:
    """Whether all are of one type with the same options, spelt out or left to their defaults."""
    first = nodes[0]
    return all(
        node.layer.type == first.layer.type
        and (_options(node) == _options(first) or same_facts(node, first))
        for node in nodes[1:]
    )


def _options(node: Node) -> bytes:
    """What the text says of a layer beside its names and when it is there.

    Twins have one set of parameters, so whatever would fill that of the second has no say.
    """
    param = without_fillers(node.context.param)
    for field in ("name", "bottom", "top", "param", "include", "exclude", "propagate_down"):
        param.ClearField(field)
    return param.SerializeToString(deterministic=True)


def _follow(graph: Graph, group: Group, found: Twins, done: set[int]) -> None:
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
        if not _same_layer([graph.nodes[n] for n in group]):
            return
        first = graph.nodes[group[0]]
        if not first.layer.keeps_rows_apart(first.context):
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
    if not _same_layer(nodes):
        return "their options differ"
    layers = unsettled(graph)
    for bottom in (n.bottoms[0] for n in nodes if n.bottoms[0] in layers):
        return why_unsettled(bottom, layers[bottom])
    if len({graph.blobs[n.bottoms[0]].shape for n in nodes}) > 1:
        return "their bottoms differ in shape"
    if not first.layer.keeps_rows_apart(first.context):
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
        plan = first.layer.plan(replace(first.context, bottoms=(stacked(spec, len(nodes)),)))
    except UserError:
        return False
    same = [p.shape for p in plan.params] == [p.shape for p in first.plan.params]
    return same and plan.tops[0].shape == stacked(first.plan.tops[0], len(nodes)).shape


def stacked(spec: BlobSpec, times: int) -> BlobSpec:
    """A blob of so many times the rows."""
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
