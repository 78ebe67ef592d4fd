"""Tells what frozen layers save: where the gradient stops, and the memory that nobody needs."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.param_key import ParamKey

_VALUE_BYTES = 4
_MIB = 2**20
# Names told before "and so many more": ResNet-50 has 107 layers with parameters.
_MOST_NAMES = 4


def frozen_notes(graph: Graph, thawed: Sequence[Node]) -> list[str]:
    """Lines that tell where backward stops above frozen parameters, and what that saves.

    `thawed` are the nodes of the same net with every learned parameter learning: the difference is
    what lr_mult 0 and propagate_down false spare. Nothing where nothing is frozen.
    """
    reached = {key for node in graph.nodes for key in _gradients(node)}
    would = {key for node in thawed for key in _gradients(node)}
    frozen = [key for key in graph.params if key in would - reached]
    if not frozen:
        return []
    count = sum(graph.params[key].count for key in frozen)
    owners = dict.fromkeys(graph.params[key].layer for key in frozen)
    notes = [
        f"gradients: backward stops at layer {name}: nothing below it learns"
        for name in _stops(graph, set(frozen))
    ]
    blobs = _bytes(graph, thawed) - _bytes(graph, graph.nodes)
    fewer = sum(node.backward for node in thawed) - sum(node.backward for node in graph.nodes)
    notes.append(
        f"gradients: {_named(list(owners))} frozen, {count:,} values: {fewer} layers spare their "
        f"backward, {_mib(_VALUE_BYTES * count)} of parameter gradients and {_mib(blobs)} of blob "
        "gradients are not needed"
    )
    return notes


def _gradients(node: Node) -> list[ParamKey]:
    """Keys of the parameters whose gradients the node's backward adds to."""
    if not node.backward:
        return []
    return [key for key, flag in zip(node.params, node.param_gradients, strict=True) if flag]


def _stops(graph: Graph, frozen: set[ParamKey]) -> list[str]:
    """Layers that run backward and have frozen parameters, and no learning ones, behind a bottom.

    A layer whose own parameters learn no longer, in front of learning ones, is none: the gradient
    passes through it.
    """
    below: dict[str, tuple[bool, bool]] = {}
    stops = []
    for node in graph.nodes:
        behind = [below[name] for name in node.bottoms]
        if node.backward and any(
            holds and not learns and not flag
            for (holds, learns), flag in zip(behind, node.propagate, strict=True)
        ):
            stops.append(node.name)
        holds = any(h for h, _ in behind) or any(key in frozen for key in node.params)
        learns = any(way for _, way in behind) or node.backward
        below.update(dict.fromkeys(node.tops, (holds, learns)))
    return stops


def _bytes(graph: Graph, nodes: Sequence[Node]) -> int:
    """Bytes of all blob gradients in float32, before any share memory."""
    names: set[str] = set()
    for node in nodes:
        if node.backward:
            names.update(node.tops)
            names.update(b for b, flag in zip(node.bottoms, node.propagate, strict=True) if flag)
    return _VALUE_BYTES * sum(graph.blobs[name].count for name in names)


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    told = ", ".join(names[:_MOST_NAMES])
    return f"{told} and {more} more" if more > 0 else told


def _mib(size: int) -> str:
    return f"{size / _MIB:.2f} MiB"
