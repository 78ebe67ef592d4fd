"""Passes for a net whose data comes from the user's code, as long as its shapes stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers.base import Shape

_SOURCE, _SPLIT = "Python", "Split"


def settle(graph: Graph, passes: Callable[[Graph], Graph]) -> Graph:
    """`graph` after `passes`, which take the first shapes of Python sources for final.

    A Python layer may give its tops other shapes in every batch, so passes leave alone what is
    behind it. A data layer hardly ever does. Where nothing but sources stands before the last such
    layer, the net can still be run without passes from there on: the engine does, in the first
    batch of another shape, and stays with it.
    """
    sources = [number for number, node in enumerate(graph.nodes) if node.plan.varying]
    head = graph.nodes[: sources[-1] + 1] if sources else ()
    if not sources or not all(map(_is_source, head)):
        return passes(graph)
    nodes = [replace(node, plan=replace(node.plan, varying=())) for node in graph.nodes]
    settled = frozenset(graph.nodes[number].name for number in sources)
    names = ", ".join(sorted(settled))
    note = f"settle: the shapes that {names} gave at first; without passes from another one on"
    notes = (*graph.notes, note)
    made = passes(replace(graph, nodes=tuple(nodes), settled=settled, plain=graph, notes=notes))
    return made if _exchangeable(made, graph, len(head)) else passes(graph)


def _is_source(node: Node) -> bool:
    """Whether a batch may begin with it and go on in the plain graph."""
    kind = node.layer.type
    return kind == _SPLIT or (not node.bottoms and (kind == _SOURCE or not node.plan.varying))


def _exchangeable(fast: Graph, plain: Graph, head: int) -> bool:
    """Whether both begin with the same layers and keep the same things from batch to batch."""
    begin = [[(n.name, n.layer, n.tops) for n in graph.nodes[:head]] for graph in (fast, plain)]
    kept = [(dict(graph.params), _carried(graph)) for graph in (fast, plain)]
    made = {top for _, _, tops in begin[1] for top in tops}
    otherwise = made & (fast.blocked | fast.channels.keys())
    return begin[0] == begin[1] and kept[0] == kept[1] and not otherwise


def _carried(graph: Graph) -> list[tuple[str, str, Shape]]:
    return [
        (node.name, name, scratch.shape)
        for node in graph.nodes
        for name, scratch in node.plan.scratch.items()
        if scratch.use == "carried"
    ]
