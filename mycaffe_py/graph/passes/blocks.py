"""Chooses which blobs of a forward-only net lie in blocks of channels.

Kernels read and write such blobs a vector of channels at a time (kernels/blocked). Convolutions
make them, and pooling, concatenation and what works element by element keep them so. A layer that
can only read a blob as Caffe has it is given a copy; what users read is as Caffe has it, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.passes.in_blocks import able, in_blocks
from mycaffe_py.graph.unsettled import unsettled
from mycaffe_py.layers.base import BlobSpec
from mycaffe_py.layers.blocked.joining import ToPlain
from mycaffe_py.layers.blocked.patches import BlockedPatches
from mycaffe_py.layers.blocked.place import Place
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter

_CONVOLUTIONS = ("Convolution", "Convolution+Following")
# One convolution alone would gain less than the copies around it cost.
_FEWEST = 2


def lay_in_blocks(graph: Graph) -> Graph:
    """`graph` with the blobs in blocks that gain by it; the notes say how many and where not."""
    chosen = _choose(graph)
    count = sum(node.layer.type in _CONVOLUTIONS and node.tops[0] in chosen for node in graph.nodes)
    if count < _FEWEST:
        return replace(graph, notes=(*graph.notes, "blocks: no chain of convolutions for them"))
    places = _places(graph, chosen)
    nodes: list[Node] = []
    blobs = dict(graph.blobs)
    copies: dict[str, str] = {}
    for node in graph.nodes:
        if node.tops and node.tops[0] in chosen:
            nodes.append(in_blocks(node, places))
        else:
            for bottom in dict.fromkeys(node.bottoms):
                if bottom in chosen and bottom not in copies:
                    copies[bottom] = _new_name(bottom, blobs)
                    nodes.append(_copy(node, bottom, copies[bottom], graph.blobs[bottom], places))
                    blobs[copies[bottom]] = graph.blobs[bottom]
            nodes.append(replace(node, bottoms=tuple(copies.get(b, b) for b in node.bottoms)))
        for top in node.tops:
            copies.pop(top, None)
    note = f"blocks: {count} convolutions make blobs in blocks of channels"
    in_patches = [node for node in nodes if isinstance(node.layer, BlockedPatches)]
    # A layer that took others along has their names, too; its own comes first.
    patches = [node.name.split(" + ")[0] for node in in_patches]
    note += f"; patch by patch (Winograd): {', '.join(patches)}" if patches else ""
    again = [node.bottoms[0] for node in nodes if isinstance(node.layer, ToPlain)]
    note += f"; copied as Caffe has them: {', '.join(again)}" if again else ""
    return replace(
        graph, nodes=tuple(nodes), blobs=blobs, channels=places, notes=(*graph.notes, note)
    )


def _choose(graph: Graph) -> set[str]:
    """The blobs that all their layers can write in blocks."""
    barred = {*graph.inputs, *graph.outputs, *unsettled(graph), *graph.rows, *graph.blocked}
    barred |= {place.blob for place in graph.rows.values()}
    while True:
        chosen: set[str] = set()
        conflict: set[str] = set()
        for node in graph.nodes:
            fits = not node.has_loss and not node.backward and not barred & {*node.tops}
            if fits and able(node, chosen):
                chosen.update(node.tops)
            else:
                conflict |= chosen & {*node.tops}
        if not conflict:
            return chosen
        barred |= conflict


def _places(graph: Graph, chosen: Collection[str]) -> dict[str, Place]:
    """Where the blobs lie: what only layers that can write so make lies in its Concat's top."""
    makers: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for top in node.tops:
            makers.setdefault(top, []).append(node)
    places = {name: Place(graph.blobs[name].shape, graph.blobs[name].shape[1]) for name in chosen}
    for node in graph.nodes:
        if node.layer.type != "Concat" or node.tops[0] not in chosen:
            continue
        first = 0
        for bottom in node.bottoms:
            shape = graph.blobs[bottom].shape
            kinds = [maker.layer.type for maker in makers[bottom]]
            if len(kinds) == 1 and kinds[0] in (*_CONVOLUTIONS, "Pooling"):
                whole = graph.blobs[node.tops[0]].shape[1]
                places[bottom] = Place(shape, whole, node.tops[0], first)
            first += shape[1]
    for node in graph.nodes:
        if node.layer.type == "Split" and node.tops[0] in chosen:
            of = places[node.bottoms[0]]
            places.update(dict.fromkeys(node.tops, replace(of, of="")))
    return places


def _new_name(blob: str, blobs: Mapping[str, BlobSpec]) -> str:
    name = f"{blob} (plain)"
    while name in blobs:
        name += "+"
    return name


def _copy(reader: Node, blob: str, name: str, spec: BlobSpec, places: Mapping[str, Place]) -> Node:
    """The node that copies `blob` to `name` for a reader."""
    layer = ToPlain(places[blob])
    param = LayerParameter(name=name, type="Split", bottom=[blob], top=[name])
    context = replace(reader.context, param=param, bottoms=(spec,), top_count=1, written=())
    return Node(
        name=name,
        layer=layer,
        context=context,
        plan=layer.plan(context),
        bottoms=(blob,),
        tops=(name,),
        loss_weights=(0.0,),
        propagate=(False,),
    )
