"""Floor 7. The net that is exported: its plain layers, its weights, and what follows the batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mycaffe_py.data.opening import TRANSLATING, Opening
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.export.batch import batches_of, dims_of, top_shapes, two_batches
from mycaffe_py.export.site import translators
from mycaffe_py.export.tape import Dims
from mycaffe_py.graph.compile import Stored, compile_net, compile_run_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import NONE, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import Weights
from mycaffe_py.solver.texts import NetText


@dataclass(frozen=True)
class PlainNet:
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
        """Of one batch size."""
        return self.net.graph


def phase_of(net: pb.NetParameter) -> int:
    """RUN where that net is another than the TEST net: with data layers, losses or accuracies."""
    for layer in net.layer:
        kind = layer_types.get(layer.type)
        measures = kind.is_loss or kind.type.startswith("Accuracy")
        feeds = kind.bottom_count == NONE and kind.type not in ("Input", *translators)
        if measures or feeds:
            return pb.RUN
    return pb.TEST


@dataclass(frozen=True)
class Known:
    """What the RUN net takes over: shapes of blobs, and of parameters by layer."""

    shapes: Mapping[str, Shape]
    stored: Stored


def known_of(text: NetText, opening: Opening = TRANSLATING) -> Known:
    """From the TEST net or, where that cannot be compiled, the TRAIN net."""
    try:
        return _known(text, pb.TEST, opening)
    except UserError as error:
        try:
            return _known(text, pb.TRAIN, opening)
        except UserError:
            raise error from None


def _known(text: NetText, phase: int, opening: Opening) -> Known:
    state = replace(text.state, phase=phase)
    graph = compile_net(text.net, text.where, state, backward=False, opening=opening)
    stored: dict[str, list[Shape]] = {}
    for param in graph.params.values():
        stored.setdefault(param.layer, []).append(param.shape)
    return Known({name: spec.shape for name, spec in graph.blobs.items()}, stored)


def plain_net(
    text: NetText,
    weights: Weights | None = None,
    *,
    phase: int | None = None,
    shapes: Mapping[str, Shape] | None = None,
    opening: Opening = TRANSLATING,
) -> PlainNet:
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
    return PlainNet(
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
    state = replace(text.state, phase=phase)
    stored: Stored | None = weights.shapes() if weights else None
    if phase != pb.RUN:
        return compile_net(
            text.net, text.where, state, stored=stored, backward=False, opening=opening
        )
    if shapes is None or stored is None:
        known = known_of(text, opening)
        shapes, stored = known.shapes, known.stored if stored is None else stored
    return compile_run_net(text.net, text.where, state, shapes, 1, stored=stored, opening=opening)


def load(net: Net, weights: Weights) -> None:
    """Copy `weights` into `net`; every layer must get its own."""
    missing = load_weights([net], weights).missing
    if missing:
        raise UserError(
            f"{weights.file} has no weights for layer {', '.join(missing)}",
            wanted="every layer that is exported needs its weights",
            do="Name the weights that were trained with this model.",
        )
