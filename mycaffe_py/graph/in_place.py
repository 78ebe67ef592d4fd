"""Refuse in-place layers that overwrite what another layer still has to read.

A blob's memory has a first writer, and every layer that works in place on it writes it once more;
Split, Reshape and Flatten show it under further names. Backward finds what the last of them left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


@dataclass(frozen=True)
class _Reading:
    """Node number `reader` reads `blob` as `writer` left it, and in backward needs `what` of it."""

    reader: int
    blob: str
    writer: int
    what: str
    backward: bool = True


class Memory:
    """Who writes over the memory of each blob, in order."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self._homes = {name: rows.blob for name, rows in graph.rows.items()}
        self._overwriters: dict[str, list[int]] = defaultdict(list)
        self.written_by: dict[tuple[int, str], int] = {}
        made: dict[str, int] = {}
        for number, node in enumerate(graph.nodes):
            for bottom in node.bottoms:
                self.written_by[number, bottom] = made.get(bottom, number)
            for index, top in enumerate(node.tops):
                made[top] = number
                if index in node.plan.views:
                    bottom = node.bottoms[node.plan.views[index]]
                    self._homes[top] = self.home(bottom)
                    made[top] = made.get(bottom, number)
                elif node.in_place[index]:
                    self._overwriters[self.home(top)].append(number)

    def home(self, blob: str) -> str:
        """The blob whose memory `blob` shows: itself, or the bottom of a view, or the whole."""
        return self._homes.get(blob, blob)

    def spoiler(self, blob: str, writer: int, what: str) -> int | None:
        """The first layer behind node number `writer` that leaves nothing of `what` in `blob`."""
        for number in self._overwriters[self.home(blob)]:
            node = self.nodes[number]
            if number > writer and what not in node.layer.kept_in_place(node.plan.facts):
                return number
        return None


def check_in_place(graph: Graph) -> Graph:
    """Return `graph`, or raise UserError where a value or a gradient would silently be wrong.

    A layer that looks at its own top in backward (Sigmoid, TanH, ...) must find it as it left it,
    or at least what it looks for in it: ReLU looks for the signs, which ReLU, TanH and Dropout in
    place behind it keep wherever a gradient flows.
    """
    memory = Memory(graph)
    for number, node in enumerate(graph.nodes):
        for index, over in enumerate(node.in_place):
            if over and _learns(node):
                _check_own(node, index)
        for reading in _readings(memory, number, node):
            spoiler = memory.spoiler(reading.blob, reading.writer, reading.what)
            if spoiler is not None and (reading.backward or spoiler < reading.reader):
                raise _refusal(graph, reading, graph.nodes[spoiler])
    return graph


def cannot_work_in_place(
    param: LayerParameter,
    where: Locations,
    top: int,
    why: str = "its gradient needs the bottom unchanged",
) -> UserError:
    """The error for a layer whose top must not be written over its bottom."""
    return UserError(
        f"layer '{param.name}' ({param.type}) cannot work in place on '{param.top[top]}'",
        where=where.at("top", top),
        wanted=why,
        do="Give the top a name of its own.",
    )


def _learns(node: Node) -> bool:
    return node.backward and (any(node.propagate) or any(node.param_gradients))


def _check_own(node: Node, index: int) -> None:
    error = node.layer.gradient_lost_in_place(node.context)
    if error is not None:
        raise error
    if not node.layer.may_be_in_place and index not in node.plan.unread:
        raise cannot_work_in_place(node.context.param, node.context.where, index)


def _readings(memory: Memory, number: int, node: Node) -> Iterator[_Reading]:
    """What a node reads: each bottom in forward, and in backward what its layer declares."""
    for index, blob in enumerate(node.bottoms):
        writer = memory.written_by[number, blob]
        yield _Reading(number, blob, writer, "values", backward=False)
        over = index < len(node.tops) and node.in_place[index]
        reads = "bottoms" in node.layer.backward_reads and index not in node.plan.unread
        if _learns(node) and reads and not over:
            what = node.layer.looks_for(node.plan.facts)
            # Only what the layer itself has made is known to have no values below 0.
            yield _Reading(number, blob, writer, "signs" if what == "rectified" else what)
    if not _learns(node):
        return
    for index, blob in enumerate(node.tops):
        over = node.in_place[index] and index not in node.plan.unread
        declared = node.layer.backward_reads
        if "tops" in declared or (over and "bottoms" in declared):
            yield _Reading(number, blob, number, node.layer.looks_for(node.plan.facts))


def _refusal(graph: Graph, reading: _Reading, spoiler: Node) -> UserError:
    reader = graph.nodes[reading.reader]
    who = f"layer '{reader.name}' ({reader.layer.type})"
    wanted = f"{who}, which reads the same memory as '{reading.blob}', needs it unchanged"
    if reading.backward:
        how = "made" if reading.writer == reading.reader else "reads"
        wanted = f"the gradient of {who}, which {how} '{reading.blob}', needs it unchanged"
    return spoiler.context.error(
        f"it works in place on '{spoiler.tops[0]}'",
        at=("top", 0),
        wanted=wanted,
        do="Give the top a name of its own.",
    )


def overwrites_what_others_show(graph: Graph) -> str:
    """The first layer that works in place on memory which a Split shows to others too, or "".

    Who reads before it and who behind it matters then, and no pass may move a layer.
    """
    memory = Memory(graph)
    shown: set[str] = set()
    for node in graph.nodes:
        if node.layer.type == "Split" and len(node.tops) > 1:
            shown.add(memory.home(node.bottoms[0]))
        kept = node.layer.kept_in_place(node.plan.facts)
        for top, over in zip(node.tops, node.in_place, strict=True):
            if over and memory.home(top) in shown and "values" not in kept:
                return node.name
    return ""


def without_passes(graph: Graph, layer: str) -> Graph:
    """`graph` as it is, with the reason why it is not optimised."""
    note = f"not optimised: '{layer}' works in place on a blob that others read too"
    return replace(graph, notes=(*graph.notes, note))
