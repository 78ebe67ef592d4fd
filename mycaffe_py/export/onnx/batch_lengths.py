"""Which lengths follow the batch: found by compiling a net for two batch sizes."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from mycaffe_py.errors import UserError
from mycaffe_py.export.onnx.onnx_net import Dim, Dims
from mycaffe_py.export.onnx.translator import translators
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.replan import replan
from mycaffe_py.layers.base import NONE, Shape
from mycaffe_py.layers.recurrent.recurrent import RecurrentFacts


def two_batches(graph: Graph) -> tuple[Graph, Graph, tuple[str, ...]]:
    """`graph` for the smallest batch and for another one: what differs follows the batch.

    Where no other is possible it comes back twice, with a note that says why.
    """
    axes = _batch_axes(graph)
    if not axes:
        return graph, graph, ("it has no inputs",)
    large = None
    for tried in (axes, dict([next(iter(axes.items()))])):
        try:
            large = _with_batch(graph, tried, 2 * _extent(graph, tried))
        except UserError as error:
            reason = error
            continue
        break
    if large is None:
        return graph, graph, (f"the batch stays as it is in the text: {reason}",)
    try:
        return _with_batch(graph, tried, 1), large, ()
    except UserError:
        return graph, large, ()


def _extent(graph: Graph, axes: Mapping[str, int]) -> int:
    name, axis = next(iter(axes.items()))
    return graph.blobs[name].shape[axis]


def _with_batch(graph: Graph, axes: Mapping[str, int], batch: int) -> Graph:
    shapes = {}
    for name, axis in axes.items():
        shape = graph.blobs[name].shape
        shapes[name] = (*shape[:axis], batch, *shape[axis + 1 :])
    return replan(graph, shapes)


def _batch_axes(graph: Graph) -> dict[str, int]:
    """Which axis of each input is the batch: the first; behind the steps of a sequence the second.

    Inputs with another extent there than the first input's are left alone.
    """
    sequences = (node for node in graph.nodes if isinstance(node.plan.facts, RecurrentFacts))
    rows = next((_rows(node) for node in sequences), 0)
    found: dict[str, int] = {}
    extent = 0
    for name in read_inputs(graph):
        shape = graph.blobs[name].shape
        axis = 1 if rows and shape[1:2] == (rows,) else 0
        if shape and (not extent or shape[axis] == extent):
            extent = shape[axis]
            found[name] = axis
    return found


def _rows(node: Node) -> int:
    """The batch of a recurrent layer, which is its second axis; 0 for another layer."""
    first = node.context.param.recurrent_param.batch_first
    return 0 if first else node.context.shapes[0][1]


def read_inputs(graph: Graph) -> list[str]:
    """The inputs that some layer reads: a RUN net may have labels left over."""
    read = {bottom for node in graph.nodes for bottom in node.bottoms}
    made = [top for node in graph.nodes if is_input(node) for top in node.tops]
    return [name for name in made if name in read]


def is_input(node: Node) -> bool:
    """Whether the caller fills its tops: Input, and in a TEST net whatever makes data."""
    return node.layer.bottom_count == NONE and node.layer.type not in translators


def batches_of(small: Graph, large: Graph) -> tuple[int, int]:
    """The batch of each of the two; (0, 0) where they are the same."""
    for name in read_inputs(small):
        for a, b in zip(small.blobs[name].shape, large.blobs[name].shape, strict=True):
            if a != b:
                return a, b
    return 0, 0


def top_shapes(node: Node) -> tuple[Shape, ...]:
    """The shapes of all tops of a node."""
    return tuple(spec.shape for spec in node.plan.tops)


def dims_of(
    small: tuple[Shape, ...], large: tuple[Shape, ...], batches: tuple[int, int]
) -> tuple[Dims, ...]:
    """Lengths of blobs that have these shapes for the two batches."""
    return tuple(
        tuple(_dim(a, b, batches) for a, b in zip(one, other, strict=True))
        for one, other in zip(small, large, strict=True)
    )


def _dim(a: int, b: int, batches: tuple[int, int]) -> Dim:
    """A length that is `a` and `b` for the two batches: a number, N, 2N, 1/2N+3."""
    if a == b:
        return a
    times = Fraction(b - a, batches[1] - batches[0])
    rest = a - times * batches[0]
    return f"{'' if times == 1 else times}N" + (f"+{rest}" if rest else "")
