"""A Data layer and the Slice of its packed images become one layer.

Where the parts are rows of a stacked blob, as in front of twins, the feed writes each image to its
row; no packed batch is made only to be taken apart.
"""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.graph.model import Graph, Node, Rows
from mycaffe_py.graph.passes.readers import reader_count
from mycaffe_py.layers.fused.data_slice import DataSlice, Pack
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


def fuse_data(graph: Graph) -> Graph:
    """Fuse every such pair of `graph`; notes say which."""
    pairs = {
        number: reader
        for number, node in enumerate(graph.nodes)
        if node.layer.type == "Data" and (reader := _slice_behind(graph, node)) is not None
    }
    nodes, inside = [], {}
    for number, node in enumerate(graph.nodes):
        if number in pairs:
            node, packed = _fused(graph, node, graph.nodes[pairs[number]])
            inside[packed.tops[0]] = (packed,)
        if number not in pairs.values():
            nodes.append(node)
    names = [f"{graph.nodes[first].name} + {graph.nodes[n].name}" for first, n in pairs.items()]
    note = f"fuse: {len(names)} data layers with their slice"
    return replace(
        graph,
        nodes=tuple(nodes),
        fused={**graph.fused, **inside},
        notes=(*graph.notes, note + (f": {', '.join(names)}" if names else "")),
    )


def _slice_behind(graph: Graph, data: Node) -> int | None:
    """Number of the Slice that alone reads the images of `data` and fills one stacked blob."""
    readers = [number for number, _ in graph.consumers(data.tops[0])]
    if len(readers) != 1 or reader_count(graph, data.tops[0]) != 1:
        return None
    number = readers[0]
    node = graph.nodes[number]
    if node.layer.type != "Slice" or node.backward or node.has_loss:
        return None
    rows = [graph.rows[name] for name in node.tops if name in graph.rows]
    count = node.plan.tops[0].shape[0]
    in_order = [Rows(rows[0].blob, k * count, count) for k in range(len(node.tops))] if rows else []
    if not rows or rows != in_order:
        return None
    filled = graph.blobs[rows[0].blob].shape[0] == len(rows) * count
    return number if filled and _along_channels(data, node) else None


def _along_channels(data: Node, slicing: Node) -> bool:
    """Whether each part is one of the images of an item."""
    packed = data.plan.tops[0].shape
    images = data.context.param.data_param.images_per_blob
    part = (packed[0], packed[1] // images, *packed[2:])
    return images == len(slicing.tops) and all(top.shape == part for top in slicing.plan.tops)


def _fused(graph: Graph, data: Node, slicing: Node) -> tuple[Node, Node]:
    """The node for both, and one that makes the packed blob when somebody asks for it."""
    parts = len(slicing.tops)
    whole = graph.rows[slicing.tops[0]].blob
    param = LayerParameter()
    param.CopyFrom(data.context.param)
    param.name = f"{data.name} + {slicing.name}"
    layer = DataSlice(data.plan, parts)
    context = replace(data.context, param=param)
    both = replace(
        data,
        name=param.name,
        layer=layer,
        context=context,
        plan=layer.plan(context),
        tops=(whole, *data.tops[1:]),
    )
    pack = Pack(data.plan.tops[0], parts)
    asked = Node(
        name=data.name,
        layer=pack,
        context=data.context,
        plan=pack.plan(data.context),
        bottoms=(whole,),
        tops=data.tops[:1],
        loss_weights=(0.0,),
    )
    return both, asked
