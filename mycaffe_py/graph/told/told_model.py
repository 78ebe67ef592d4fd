"""The report of `mycaffe explain model`: the nets of a model text, phase by phase."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mycaffe_py.data.opening import Opening
from mycaffe_py.errors import UserError, Where
from mycaffe_py.graph.compile import OPTIMISING, compile_net, compile_run_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.run_net import UnknownShapeError
from mycaffe_py.graph.told.describe import (
    NetFacts,
    describe,
    layer_table,
    param_table,
    unknown_notes,
)
from mycaffe_py.graph.told.named_code import code_lines
from mycaffe_py.graph.told.normalization import normalization_notes
from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb

PHASES = ("TRAIN", "TEST", "RUN")
_FLOAT_BYTES, _MIB = 4, 2**20


@dataclass(frozen=True)
class ToldModel:
    """The nets of a model text in the phases that were asked for; one without a layer is none."""

    nets: tuple[NetFacts, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """For machines: an object for each net."""
        return [{**asdict(net), "learned": net.learned, "state": net.state} for net in self.nets]

    def lines(self) -> list[str]:
        """For people: an empty line between two nets."""
        told = [line for net in self.nets for line in ("", *_net_lines(net))]
        return told[1:]


def tell_model(
    text: NetText,
    phases: Sequence[str],
    weights: Mapping[str, list[Array]],
    opening: Opening,
) -> ToldModel:
    """What the nets of `text` in `phases` are like.

    Layers and shapes are those of the text. The notes tell in what branches differ that share
    weights, which statistics BatchNorm layers use, how many batches these have seen by the
    `weights` of a snapshot (arrays by layer), and what the optimising passes do.
    """
    graphs = _nets_of_phases(text, phases, opening)
    if "RUN" in phases:
        run = _run_net(text, graphs, opening)
        graphs |= {"RUN": run} if run else {}
    chosen = [graphs[phase] for phase in phases if phase in graphs]
    return ToldModel(
        tuple(_facts(graph, weights) for graph in chosen if graph.nodes or graph.unknown)
    )


def _nets_of_phases(text: NetText, phases: Sequence[str], opening: Opening) -> dict[str, Graph]:
    """Those of TRAIN and TEST, as far as they are needed.

    Errors: the texts' own. One of TRAIN alone also says so: published texts have training parts
    that nobody can run, and the net that people came for is right.
    """
    chosen = [phase for phase in ("TRAIN", "TEST") if phase in phases or "RUN" in phases]
    states = {phase: text.in_state(pb.Phase.Value(phase)) for phase in chosen}
    try:
        return {phase: compile_net(states[phase], opening=opening) for phase in chosen}
    except UserError as error:
        # Other kinds of errors are asked back about, by their kind.
        if type(error) is not UserError or len(chosen) < 2 or not _builds(states["TEST"], opening):
            raise
        shown = "'mycaffe explain model' shows it with --phase TEST."
        do = f"{error.do} The net of phase TEST has no mistake: {shown}".strip()
        raise UserError(error.found, where=error.where, wanted=error.wanted, do=do) from error


def _builds(text: NetText, opening: Opening) -> bool:
    """Whether there are layers, and no mistake in them."""
    try:
        return bool(compile_net(text, opening=opening).nodes)
    except UserError:
        return False


def no_layer(text: NetText, phase: str = "") -> UserError:
    """What is told of a text without nets, in one `phase` or in all."""
    found = f"{phase} has no layer" if phase else "there is no layer in it"
    return UserError(found, where=Where(text.card.file))


def _facts(graph: Graph, weights: Mapping[str, list[Array]]) -> NetFacts:
    notes = (
        *unknown_notes(graph),
        *code_lines([graph]),
        *graph.differences,
        *normalization_notes(graph, weights),
        *_optimised(graph).notes,
    )
    return replace(describe(graph), notes=notes)


def _run_net(text: NetText, graphs: Mapping[str, Graph], opening: Opening) -> Graph | None:
    """The RUN net, for one row.

    None where only code that is not run could tell the shape of its input; one line says so.
    """
    shapes = {b: s.shape for g in graphs.values() for b, s in g.blobs.items()}
    stored = _stored(graphs)
    try:
        return compile_run_net(text.in_state(pb.RUN), shapes, 1, stored=stored, opening=opening)
    except UnknownShapeError:
        if not any(graph.unknown for graph in graphs.values()):
            raise
    print("RUN: not told, as the shape of its input is unknown", file=sys.stderr)
    return None


def _optimised(graph: Graph) -> Graph:
    """`graph` after all optimising passes."""
    for optimise in OPTIMISING.values():
        graph = optimise(graph)
    return graph


def _stored(graphs: Mapping[str, Graph]) -> dict[str, list[Shape]]:
    """Parameter shapes by layer, as if weights of these nets were about to be loaded."""
    stored: dict[str, dict[int, Shape]] = {}
    for graph in graphs.values():
        for param in graph.params.values():
            stored.setdefault(param.layer, {})[param.index] = param.shape
    return {layer: [found[i] for i in sorted(found)] for layer, found in stored.items()}


def _net_lines(net: NetFacts) -> list[str]:
    """One net: its layers, its parameters, and what there is to note."""
    ends = f"{', '.join(net.inputs)} -> " if net.inputs else ""
    lines = [f"{net.name or 'net'}, {net.phase}: {ends}{', '.join(net.outputs)}", ""]
    lines += [f"  {line}" for line in layer_table(net)]
    if net.params:
        lines += ["", *(f"  {line}" for line in param_table(net))]
    size = net.learned * _FLOAT_BYTES / _MIB
    lines += ["", f"  {net.learned:,} learned values ({size:.2f} MiB)"]
    if net.state:
        lines[-1] += f", {net.state:,} values of state kept by layers"
    return [*lines, *(f"  {note}" for note in net.notes)]
