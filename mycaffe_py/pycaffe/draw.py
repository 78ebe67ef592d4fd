"""A net as a graph of layers and blobs, drawn by Graphviz.

Building the graph needs the package pydot, drawing it the program `dot`; the text of the graph
(extensions raw, dot and gv) needs no program.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.optional import optional
from mycaffe_py.proto import mycaffe_pb2 as pb

LAYER_STYLE_DEFAULT = {"shape": "record", "fillcolor": "#6495ED", "style": "filled"}
NEURON_LAYER_STYLE = {"shape": "record", "fillcolor": "#90EE90", "style": "filled"}
BLOB_STYLE = {"shape": "octagon", "fillcolor": "#E0E0E0", "style": "filled"}

_COLOURS = {
    "Convolution": "#FF5050",
    "Deconvolution": "#FF5050",
    "Pooling": "#FF9900",
    "InnerProduct": "#CC33FF",
}
_WITH_RATES = ("Convolution", "Deconvolution", "InnerProduct")
_TEXT_EXTENSIONS = ("raw", "dot", "gv")


def get_pooling_types_dict() -> dict[int, str]:
    """The names of the pooling methods by their numbers."""
    methods = pb.PoolingParameter.PoolMethod.DESCRIPTOR.values
    return {method.number: method.name for method in methods}


def get_edge_label(layer: pb.LayerParameter) -> str:
    """What the arrow out of a layer says: its batch size or number of outputs, or nothing."""
    if layer.type == "Data":
        return f"Batch {layer.data_param.batch_size}"
    if layer.type in ("Convolution", "Deconvolution"):
        return str(layer.convolution_param.num_output)
    if layer.type == "InnerProduct":
        return str(layer.inner_product_param.num_output)
    return '""'


def get_layer_lr_mult(layer: pb.LayerParameter) -> tuple[float, float]:
    """lr_mult of the weights and of the bias of a layer that has both; else ValueError."""
    if layer.type not in _WITH_RATES:
        raise ValueError(f"a {layer.type} layer has no weights and bias with an lr_mult")
    if len(layer.param) > 2:
        raise ValueError(f"layer '{layer.name}' has {len(layer.param)} params, at most 2 fit")
    rates = [param.lr_mult for param in layer.param] + [1.0, 1.0]
    return rates[0], rates[1]


def get_layer_label(layer: pb.LayerParameter, rankdir: str, display_lrm: bool = False) -> str:
    """What a layer's box says: name, type, sliding window, and with `display_lrm` its rates.

    The words stand side by side where the graph runs down (TB, BT), else below each other.
    """
    kind = layer.type
    if kind == "Pooling":
        kind += f" {get_pooling_types_dict()[layer.pooling_param.pool]}"
    words = [layer.name, f"({kind})"]
    if layer.type == "Pooling":
        pool = layer.pooling_param
        words += _window(pool.kernel_size or pool.kernel_h, pool.stride, pool.pad)
    elif layer.type in ("Convolution", "Deconvolution"):
        conv = layer.convolution_param
        words += _window(
            conv.kernel_size[0] if conv.kernel_size else conv.kernel_h or 1,
            conv.stride[0] if conv.stride else 1,
            conv.pad[0] if conv.pad else 0,
        )
    if display_lrm and layer.type in _WITH_RATES and any(get_layer_lr_mult(layer)):
        words.append("lr mult: {:.1f}, {:.1f}".format(*get_layer_lr_mult(layer)))
    # Quotes, as a colon means something to Graphviz outside of them.
    return f'"{(" " if rankdir in ("TB", "BT") else chr(92) + "n").join(words)}"'


def _window(kernel: int, stride: int, pad: int) -> list[str]:
    return [f"kernel size: {kernel}", f"stride: {stride}", f"pad: {pad}"]


def choose_color_by_layertype(layertype: str) -> str:
    """The colour of a layer's box."""
    return _COLOURS.get(layertype, LAYER_STYLE_DEFAULT["fillcolor"])


def get_pydot_graph(
    caffe_net: pb.NetParameter,
    rankdir: str,
    label_edges: bool = True,
    phase: int | None = None,
    display_lrm: bool = False,
) -> Any:
    """The graph of a NetParameter as a pydot.Dot: nodes '<layer>_<type>' and '<blob>_blob'.

    `phase` leaves out the layers of the other phase. An include or exclude rule that names no
    phase does not take a layer out of the picture.
    """
    pydot = optional("pydot", "draw", "drawing a net")
    graph = pydot.Dot(_quoted(caffe_net.name or "Net"), graph_type="digraph", rankdir=rankdir)
    nodes: dict[str, Any] = {}
    edges = []
    for layer in caffe_net.layer:
        if phase is not None and not _in_phase(layer, phase):
            continue
        own = f"{layer.name}_{layer.type}"
        label = get_layer_label(layer, rankdir, display_lrm=display_lrm)
        nodes[own] = pydot.Node(_quoted(own), label=label, **_style(layer))
        for blob in [*layer.bottom, *layer.top]:
            name = f"{blob}_blob"
            nodes.setdefault(name, pydot.Node(_quoted(name), label=_quoted(blob), **BLOB_STYLE))
        edges += [(f"{blob}_blob", own, '""') for blob in layer.bottom]
        text = _quoted(get_edge_label(layer)) if label_edges else '""'
        edges += [(own, f"{blob}_blob", text) for blob in layer.top]
    for node in nodes.values():
        graph.add_node(node)
    for source, target, text in edges:
        graph.add_edge(pydot.Edge(nodes[source], nodes[target], label=text))
    return graph


def _quoted(text: str) -> str:
    """A text as Graphviz takes it, whatever characters it has."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_phase(layer: pb.LayerParameter, phase: int) -> bool:
    if layer.include:
        return any(not rule.HasField("phase") or rule.phase == phase for rule in layer.include)
    return not any(rule.HasField("phase") and rule.phase == phase for rule in layer.exclude)


def _style(layer: pb.LayerParameter) -> dict[str, str]:
    if len(layer.bottom) == 1 and list(layer.bottom) == list(layer.top):
        return NEURON_LAYER_STYLE
    return {**LAYER_STYLE_DEFAULT, "fillcolor": choose_color_by_layertype(layer.type)}


def draw_net(
    caffe_net: pb.NetParameter,
    rankdir: str,
    ext: str = "png",
    phase: int | None = None,
    display_lrm: bool = False,
) -> bytes:
    """The picture of a net in the format `ext` (png, svg, pdf, ...); raw, dot and gv are text."""
    graph = get_pydot_graph(caffe_net, rankdir, phase=phase, display_lrm=display_lrm)
    if ext in _TEXT_EXTENSIONS:
        text: str = graph.to_string()
        return text.encode("utf-8")
    try:
        picture: bytes = graph.create(format=ext)
    except FileNotFoundError:
        raise UserError(
            "the program 'dot' of Graphviz, which draws the picture, was not found",
            do="Install graphviz, or use the extension gv to get the graph as text.",
        ) from None
    return picture


def draw_net_to_file(
    caffe_net: pb.NetParameter,
    filename: str,
    rankdir: str = "LR",
    phase: int | None = None,
    display_lrm: bool = False,
) -> None:
    """Draw a net into a file whose extension tells the format."""
    ext = Path(filename).suffix.removeprefix(".") or "png"
    picture = draw_net(caffe_net, rankdir, ext, phase, display_lrm)
    write_atomically(Path(filename), picture)
