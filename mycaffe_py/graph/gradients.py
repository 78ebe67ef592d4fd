"""Which layers run backward and which gradients they compute (Caffe's two walks)."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node, Param
from mycaffe_py.graph.param_key import ParamKey
from mycaffe_py.graph.told.frozen import frozen_notes


def mark_gradients(graph: Graph, force: bool = False) -> Graph:
    """Set `propagate`, `param_gradients` and `backward` of every node.

    Forwards: a blob needs a gradient when a learned parameter lies at or before its producer.
    Backwards: only layers on a way to a loss count, and none above a blob whose gradient nobody
    takes. `force` (force_backward) wants every gradient a layer can give, as for a net whose
    inputs are asked for.
    A parameter to which no gradient comes is marked: the solver has nothing to clear there, and
    weight decay alone changes it, as in Caffe.
    """
    nodes = _backwards(_forwards(graph))
    if force:
        nodes = [_forced(node) for node in nodes]
    running = sum(node.backward for node in nodes)
    note = f"gradients: {running} of {len(nodes)} layers run backward"
    marked = replace(graph, nodes=tuple(nodes), params=_reached(graph, nodes))
    thawed = _backwards(_forwards(graph, thawed=True))
    return replace(marked, notes=(*graph.notes, note, *frozen_notes(marked, thawed)))


def _reached(graph: Graph, nodes: list[Node]) -> dict[ParamKey, Param]:
    """The parameters, each with whether some layer adds to its gradient."""
    reached = {
        key
        for node in nodes
        if node.backward
        for key, flag in zip(node.params, node.param_gradients, strict=True)
        if flag
    }
    return {key: replace(p, gradient=key in reached) for key, p in graph.params.items()}


def without_gradients(graph: Graph) -> Graph:
    """The graph of a net that only ever runs forward: it needs no memory for gradients."""
    nodes = [
        replace(
            node,
            propagate=(False,) * len(node.bottoms),
            param_gradients=(False,) * len(node.params),
        )
        for node in graph.nodes
    ]
    note = "gradients: none, this net runs forward only"
    return replace(graph, nodes=tuple(nodes), notes=(*graph.notes, note))


def _forwards(graph: Graph, thawed: bool = False) -> list[Node]:
    """The walk from the inputs to the losses.

    With `thawed` it is done as if nothing were frozen: all that can learn does, and no gradient is
    cut off.
    """
    needed: dict[str, bool] = {}
    nodes = []
    for node in graph.nodes:
        given = () if thawed else node.context.param.propagate_down
        if given and len(given) != len(node.bottoms):
            raise node.context.error(
                f"{len(given)} propagate_down entries for {len(node.bottoms)} bottoms",
                at=("propagate_down", 0),
                wanted="none, or one for each bottom",
            )
        can = [_can(node, i) for i in range(len(node.bottoms))]
        wants = [needed[b] for b in node.bottoms]
        propagate = tuple(
            (given[i] if given else wants[i]) and can[i] for i in range(len(node.bottoms))
        )
        owners = [graph.params[key] for key in node.params]
        params = tuple(p.learned if thawed else p.lr_mult != 0 for p in owners)
        backward = node.layer.has_backward and (any(wants) or any(params) or any(propagate))
        for top in node.tops:
            needed[top] = backward
        nodes.append(replace(node, propagate=propagate, param_gradients=params, backward=backward))
    return nodes


def _can(node: Node, bottom: int) -> bool:
    return node.layer.gives_gradient(bottom, len(node.bottoms))


def _backwards(nodes: list[Node]) -> list[Node]:
    under_loss: set[str] = set()
    skipped: set[str] = set()
    done: list[Node] = []
    for node in reversed(nodes):
        contributes = node.has_loss or any(top in under_loss for top in node.tops)
        skip = all(top in skipped for top in node.tops)
        backward = node.backward and contributes and not skip
        propagate = tuple(flag and backward for flag in node.propagate)
        for bottom, flag in zip(node.bottoms, propagate, strict=True):
            if contributes:
                under_loss.add(bottom)
            if not flag:
                skipped.add(bottom)
            else:
                skipped.discard(bottom)
        done.append(replace(node, backward=backward, propagate=propagate))
    return done[::-1]


def _forced(node: Node) -> Node:
    can = tuple(_can(node, i) for i in range(len(node.bottoms)))
    return replace(
        node,
        propagate=can,
        backward=node.layer.has_backward and (any(can) or bool(node.params)),
        param_gradients=tuple(True for _ in node.params),
    )
