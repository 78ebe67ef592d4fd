"""A RUN net cut in two: the layers that slide over a picture, and those that read their map.

On a large picture the first part runs once for all windows, and each window finds its place in the
map. That is exact where a window of the map sees nothing but its own pixels: no padding, no last
window that is cut off, and no step that leaves a remainder. The cut stands before the first layer
of which that is not so; an InnerProduct behind it then sees the part of the map that is its window,
which is what Caffe's net surgery does by making it a Convolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.engine.answering_net import answer_node
from mycaffe_py.graph.compile import ALL_PASSES, compile_net, compile_run_net
from mycaffe_py.graph.model import Graph, Located, Node
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.run_net import run_layers
from mycaffe_py.layers.base import Shape
from mycaffe_py.layers.vision.convolution import ConvolutionFacts
from mycaffe_py.layers.vision.pooling import PoolingFacts
from mycaffe_py.layers.vision.sliding_window import SlidingWindow
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.trained.snapshot import Snapshot

# Layers that treat each place of a map alike and look at no other.
_AT_EACH_PLACE = frozenset({
    "ReLU", "PReLU", "ELU", "Sigmoid", "TanH", "Swish", "SiLU", "GELU", "Mish", "AbsVal", "BNLL",
    "Clip", "Power", "Exp", "Log", "Threshold", "Dropout",
})  # fmt: skip


@dataclass(frozen=True)
class SplitNet:
    """Where a RUN net is cut.

    `input` is the blob that pictures (N, *`window`) enter by, window (C, H, W); `cut` the one that
    the first part ends with, a map (N, *`patch`) of one window; `encoding` the one that is wanted.
    A step in the map is `step` (y, x) pixels. `body` and `head` are the layers of the two parts.
    """

    input: str
    window: Shape
    cut: str
    patch: Shape
    step: tuple[int, int]
    encoding: str
    body: tuple[Located, ...]
    head: tuple[Located, ...]


def split_net(snapshot: Snapshot) -> SplitNet | None:
    """Cut the RUN net of a snapshot; None where no layer at its beginning slides exactly."""
    text = snapshot.text.in_phase(pb.RUN)
    stored, opening = snapshot.weights.shapes(), snapshot.opening
    graph = compile_run_net(text, snapshot.shapes, 1, stored=stored, opening=opening)
    answer = answer_node(graph)
    ends = answer.layer.answers in ("distances", "scores")
    encoding = answer.bottoms[0] if ends else answer.tops[0]
    sliding, step = sliding_layers(graph)
    if not sliding or any(encoding in node.tops for node in sliding):
        return None
    names = {node.name for node in sliding}
    first, last = sliding[0], sliding[-1]
    layers = run_layers(text.layers(), snapshot.shapes, 1, text.state)
    layers = [layer for layer in layers if layer.param.bottom]
    return SplitNet(
        input=first.bottoms[0],
        window=graph.blobs[first.bottoms[0]].shape[1:],
        cut=last.tops[0],
        patch=last.plan.tops[0].shape[1:],
        step=step,
        encoding=encoding,
        body=tuple(layer for layer in layers if layer.param.name in names),
        head=tuple(layer for layer in layers if layer.param.name not in names),
    )


def part_graph(snapshot: Snapshot, layers: Sequence[Located], blob: str, shape: Shape) -> Graph:
    """The graph of one part, which reads `blob` of this `shape` (N, C, H, W)."""
    entry = pb.LayerParameter(name=f"{blob} enters", type="Input", top=[blob])
    entry.input_param.shape.add(dim=shape)
    net = pb.NetParameter(layer=[entry, *(layer.param for layer in layers)])
    text = NetText(net, Locations(), snapshot.text.in_phase(pb.RUN).state)
    return compile_net(
        text,
        stored=snapshot.weights.shapes(),
        passes=ALL_PASSES,
        backward=False,
        opening=snapshot.opening,
    )


def sliding_layers(graph: Graph) -> tuple[list[Node], tuple[int, int]]:
    """The layers from the input on that slide exactly, and the pixels of one step of their map.

    They end with the last one that takes steps.
    """
    nodes = [node for node in graph.nodes if node.bottoms]
    found: list[Node] = []
    lengths = 0
    step, total = (1, 1), (1, 1)
    blob = nodes[0].bottoms[0] if nodes else ""
    for node in nodes:
        if node.bottoms != (blob,) or len(node.tops) != 1:
            break
        window = _window(node)
        if window is None and node.context.param.type not in _AT_EACH_PLACE:
            break
        found.append(node)
        blob = node.tops[0]
        if window is not None:
            step = (step[0] * window.stride[0], step[1] * window.stride[1])
            lengths, total = len(found), step
    return found[:lengths], total


def _window(node: Node) -> SlidingWindow | None:
    """The window that a layer slides over pictures exactly; None where it does not."""
    facts, shape = node.plan.facts, node.context.shapes[0]
    if len(shape) != 4:
        return None
    if isinstance(facts, ConvolutionFacts):
        window = facts.columns.window
    elif isinstance(facts, PoolingFacts) and not node.context.param.pooling_param.global_pooling:
        window = facts.window
    else:
        return None
    rest = [
        (size - extent) % stride
        for size, extent, stride in zip(shape[2:], window.extents, window.stride, strict=True)
    ]
    exact = len(window.kernel) == 2 and not any(window.pad) and not any(rest)
    return window if exact else None
