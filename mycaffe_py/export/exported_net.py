"""The net that is exported: its plain layers, its weights, and what follows the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mycaffe_py.data.opening import TRANSLATING, Opening
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.export.onnx.batch_lengths import batches_of, dims_of, top_shapes, two_batches
from mycaffe_py.export.onnx.onnx_net import Dims
from mycaffe_py.graph.compile import Stored, compile_net, compile_run_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import NONE, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import Weights


@dataclass(frozen=True)
class ExportedNet:
    """A net with weights, without optimising passes, forward only.

    `bottoms` and `tops` have the lengths of each node's blobs, those that follow the batch as
    words. `notes` are for the user.
    """

    net: Net
    bottoms: tuple[tuple[Dims, ...], ...]
    tops: tuple[tuple[Dims, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def graph(self) -> Graph:
        """The graph, for the smallest batch."""
        return self.net.graph


def phase_of(net: pb.NetParameter) -> int:
    """The phase that is exported: RUN for a text with data layers or measures, else TEST."""
    for layer in net.layer:
        kind = layer_types.get(layer.type)
        feeds = kind.bottom_count == NONE and kind.brings_data(layer)
        if kind.is_loss or kind.measures or feeds:
            return pb.RUN
    return pb.TEST


@dataclass(frozen=True)
class Known:
    """Shapes that the RUN net takes over: of blobs, and of parameters by layer."""

    shapes: Mapping[str, Shape]
    stored: Stored


def known_of(text: NetText, opening: Opening = TRANSLATING) -> Known:
    """The shapes of the TEST net or, where that cannot be compiled, of the TRAIN net."""
    try:
        return _known(text, pb.TEST, opening)
    except UserError as error:
        try:
            return _known(text, pb.TRAIN, opening)
        except UserError:
            raise error from None


def _known(text: NetText, phase: int, opening: Opening) -> Known:
    graph = compile_net(text.in_phase(phase), backward=False, opening=opening)
    stored: dict[str, list[Shape]] = {}
    for param in graph.params.values():
        stored.setdefault(param.layer, []).append(param.shape)
    return Known({name: spec.shape for name, spec in graph.blobs.items()}, stored)


def exported_net(
    text: NetText,
    weights: Weights | None = None,
    *,
    phase: int | None = None,
    shapes: Mapping[str, Shape] | None = None,
    opening: Opening = TRANSLATING,
) -> ExportedNet:
    """The net of `text` in `phase` (without one: `phase_of`) with `weights` in it.

    `shapes` are those of its TEST net where they are known already (a snapshot's).
    `opening`: whether code that the text names may run.
    Errors: texts that cannot be compiled; weights that do not fit, or lack a layer.
    """
    phase = phase_of(text.net) if phase is None else phase
    graph = _compiled(text, phase, weights, shapes, opening)
    small, large, notes = two_batches(graph)
    net = Net(small)
    if weights is None and net.graph.params:
        notes = (*notes, "no weights are given: these are random ones")
    elif weights is not None and net.graph.params:
        load(net, weights)
    pairs = list(zip(small.nodes, large.nodes, strict=True))
    batches = batches_of(small, large)
    return ExportedNet(
        net,
        bottoms=tuple(dims_of(a.context.shapes, b.context.shapes, batches) for a, b in pairs),
        tops=tuple(dims_of(top_shapes(a), top_shapes(b), batches) for a, b in pairs),
        notes=notes,
    )


def _compiled(
    text: NetText,
    phase: int,
    weights: Weights | None,
    shapes: Mapping[str, Shape] | None,
    opening: Opening,
) -> Graph:
    text = text.in_phase(phase)
    stored: Stored | None = weights.shapes() if weights else None
    if phase != pb.RUN:
        return compile_net(text, stored=stored, backward=False, opening=opening)
    if shapes is None or stored is None:
        known = known_of(text, opening)
        shapes, stored = known.shapes, known.stored if stored is None else stored
    return compile_run_net(text, shapes, 1, stored=stored, opening=opening)


def load(net: Net, weights: Weights) -> None:
    """Copy `weights` into `net`; every layer must get its own."""
    missing = load_weights([net], weights).missing
    if missing:
        raise UserError(
            f"{weights.file} has no weights for layer {', '.join(missing)}",
            wanted="every layer that is exported needs its weights",
            do="Name the weights that were trained with this model.",
        )
