"""Floor 8. `mycaffe explain`: what a model, a layer type or a solver text means."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.code_arguments import add_code_argument

if TYPE_CHECKING:
    from mycaffe_py.data.opening import Opening
    from mycaffe_py.graph.describe import NetFacts
    from mycaffe_py.graph.layer_card import LayerCard
    from mycaffe_py.graph.model import Graph
    from mycaffe_py.layers.base import Shape
    from mycaffe_py.proto.locations import Locations
    from mycaffe_py.proto.mycaffe_pb2 import NetParameter, SolverParameter

NAME = "explain"
HELP = "Tell what a model, a layer type or a solver text means."
EXAMPLES = """\
  mycaffe explain model siamese_28x28              shapes and parameters, phase by phase
  mycaffe explain model mine.prototxt --phase RUN
  mycaffe explain model mine --snapshot snapshots/mine_iter_500.caffemodel    BatchNorm's past
  mycaffe explain layer ContrastiveLoss            formula, shapes, options, an example
  mycaffe explain solver siamese_28x28.solver      what will be done, and when
"""
_PHASES = ("TRAIN", "TEST", "RUN")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`model X`, `layer TYPE` or `solver X`."""
    parser.add_argument("what", choices=("model", "layer", "solver"))
    parser.add_argument("name", metavar="NAME", help="a file, a template or a layer type")
    parser.add_argument("--phase", choices=_PHASES, type=str.upper, help="only this net of a model")
    parser.add_argument(
        "--snapshot",
        metavar="FILE",
        help="a .caffemodel: what BatchNorm layers of a model have seen",
    )
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    if args.what == "model":
        return _model(args)
    return _layer(args) if args.what == "layer" else _solver(args)


def _model(args: argparse.Namespace) -> int:
    phases = (args.phase,) if args.phase else _PHASES
    nets = _nets(args.name, phases, args.snapshot, args.run_code)
    if not nets:
        from mycaffe_py.errors import UserError

        told = f"{args.phase} has no layer" if args.phase else "there is no layer in it"
        raise UserError(f"model '{args.name}': {told}")
    if args.json:
        rows = [{**dataclasses.asdict(n), "learned": n.learned, "state": n.state} for n in nets]
        print(json.dumps(rows))
        return 0
    print("\n\n".join(_net_text(net) for net in nets))
    return 0


def _nets(
    name: str, phases: tuple[str, ...], snapshot: str | None, run_code: bool = False
) -> list[NetFacts]:
    """The nets of the model `name` in these phases; those without a layer are left out.

    Layers and shapes are those of the text, the notes tell in what branches differ that share
    weights, which statistics BatchNorm layers use,
    with a `snapshot` how many batches these have seen, and what the optimising passes do.
    """
    from mycaffe_py.data.opening import LOOKING
    from mycaffe_py.graph.compile import compile_net
    from mycaffe_py.graph.describe import describe, unknown_notes
    from mycaffe_py.graph.named_code import code_lines
    from mycaffe_py.graph.normalization import normalization_notes
    from mycaffe_py.graph.read import read_net_file
    from mycaffe_py.graph.select import State
    from mycaffe_py.proto import mycaffe_pb2 as pb
    from mycaffe_py.proto.templates import find_text
    from mycaffe_py.snapshot.weights import read_weights
    from mycaffe_py.solver.trust import opening_of

    path = find_text(name, "model")
    opening = opening_of(path, LOOKING, run_code)
    read = read_net_file(path)
    net, where = read.message, read.locations
    plain = {
        phase: compile_net(
            net, where, State.merged(pb.Phase.Value(phase), net.state), opening=opening
        )
        for phase in ("TRAIN", "TEST")
    }
    if "RUN" in phases:
        run = _run_net(net, where, plain, opening)
        phases = phases if run else tuple(phase for phase in phases if phase != "RUN")
        plain |= {"RUN": run} if run else {}
    layers = read_weights(Path(snapshot)).layers if snapshot else {}
    weights = {layer: [blob.array for blob in blobs] for layer, blobs in layers.items()}
    return [
        replace(
            describe(plain[phase]),
            notes=(
                *unknown_notes(plain[phase]),
                *code_lines([plain[phase]]),
                *plain[phase].differences,
                *normalization_notes(plain[phase], weights),
                *_optimised(plain[phase]).notes,
            ),
        )
        for phase in phases
        if plain[phase].nodes or plain[phase].unknown
    ]


def _run_net(
    net: NetParameter, where: Locations, plain: dict[str, Graph], opening: Opening
) -> Graph | None:
    """The RUN net, for one row; None, which is said, where code alone could tell its input."""
    from mycaffe_py.graph.compile import compile_run_net
    from mycaffe_py.graph.run_net import UnknownShapeError
    from mycaffe_py.graph.select import State
    from mycaffe_py.proto import mycaffe_pb2 as pb

    shapes = {b: s.shape for g in plain.values() for b, s in g.blobs.items()}
    state = State.merged(pb.RUN, net.state)
    stored = _stored(plain)
    try:
        return compile_run_net(net, where, state, shapes, 1, stored=stored, opening=opening)
    except UnknownShapeError:
        if not any(graph.unknown for graph in plain.values()):
            raise
    print("RUN: not told, as the shape of its input is unknown", file=sys.stderr)
    return None


def _optimised(graph: Graph) -> Graph:
    """`graph` after all optimising passes."""
    from mycaffe_py.graph.compile import OPTIMISING

    for optimise in OPTIMISING.values():
        graph = optimise(graph)
    return graph


def _stored(graphs: dict[str, Graph]) -> dict[str, list[Shape]]:
    """Parameter shapes by layer, as if weights of these nets were about to be loaded."""
    stored: dict[str, dict[int, Shape]] = {}
    for graph in graphs.values():
        for param in graph.params.values():
            stored.setdefault(param.layer, {})[param.index] = param.shape
    return {layer: [found[i] for i in sorted(found)] for layer, found in stored.items()}


def _net_text(net: NetFacts) -> str:
    from mycaffe_py.graph.describe import layer_table, param_table

    ends = f"{', '.join(net.inputs)} -> " if net.inputs else ""
    lines = [f"{net.name or 'net'}, {net.phase}: {ends}{', '.join(net.outputs)}", ""]
    lines += [f"  {line}" for line in layer_table(net)]
    if net.params:
        lines += ["", *(f"  {line}" for line in param_table(net))]
    lines += ["", f"  {net.learned:,} learned values ({net.learned * 4 / 2**20:.2f} MiB)"]
    if net.state:
        lines[-1] += f", {net.state:,} values of state kept by layers"
    return "\n".join([*lines, *(f"  {note}" for note in net.notes)])


def _layer(args: argparse.Namespace) -> int:
    from mycaffe_py.graph.layer_card import layer_card

    card = layer_card(args.name)
    print(json.dumps(dataclasses.asdict(card)) if args.json else _card_text(card))
    return 0


def _card_text(card: LayerCard) -> str:
    also = f" (also written {', '.join(card.spellings)})" if card.spellings else ""
    lines = [f"{card.type}{also}", "", card.about, ""]
    lines += [f"Bottoms: {card.bottoms}. Tops: {card.tops}."]
    lines += [f"It {fact}." for fact in card.facts]
    for field, message in card.options.items():
        lines += ["", f"{field}:", message]
    return "\n".join(lines)


def _solver(args: argparse.Namespace) -> int:
    from google.protobuf.json_format import MessageToDict

    from mycaffe_py.solver.rates import check_policy
    from mycaffe_py.solver.texts import read_job

    job = read_job(args.name)
    check_policy(job.solver, job.where)
    if args.json:
        print(json.dumps(MessageToDict(job.solver, preserving_proto_field_name=True)))
        return 0
    print(f"{job.card.file} trains {job.train.card.file}")
    print("\n".join(f"  {line}" for line in solver_words(job.solver)))
    return 0


def solver_words(solver: SolverParameter) -> list[str]:
    """One line for each thing the solver will do, in the order in which it does them."""
    batches = f"{solver.iter_size} batches added up" if solver.iter_size > 1 else "one batch"
    lines = [f"for {solver.max_iter:,} iterations of {batches}"]
    memory = f", momentum {solver.momentum:g}" if solver.momentum else ""
    if solver.type in ("Adam", "AdamW"):
        memory = f", momentum {solver.momentum:g} and {solver.momentum2:g}"
    lines.append(f"by {solver.type}{memory}")
    lines.append(_rate_words(solver))
    if solver.weight_decay:
        kind = solver.regularization_type
        lines.append(f"with weight decay {solver.weight_decay:g} ({kind})")
    if solver.clip_gradients > 0:
        lines.append(f"gradients longer than {solver.clip_gradients:g} together are shortened")
    if solver.display:
        lines.append(f"a line every {solver.display:,} iterations")
    if solver.test_interval and solver.test_iter:
        counts = ", ".join(f"{count:,}" for count in solver.test_iter)
        first = ", the first before learning" if solver.test_initialization else ""
        lines.append(f"a test of {counts} batches every {solver.test_interval:,} iterations{first}")
    prefix = f"{solver.snapshot_prefix}_iter_<n>.caffemodel"
    if solver.snapshot:
        lines.append(f"a snapshot every {solver.snapshot:,} iterations: {prefix}")
    if solver.snapshot_after_train:
        lines.append(f"a snapshot at the end: {prefix}")
    return lines


def _rate_words(solver: SolverParameter) -> str:
    """The learning rate at the start, half way and at the end."""
    from mycaffe_py.solver.rates import learning_rate, steps_before

    wanted = sorted({0, solver.max_iter // 2, max(0, solver.max_iter - 1)})
    rates = {i: learning_rate(solver, i, steps_before(solver, i))[0] for i in wanted}
    told = ", ".join(f"{rate:.3g} at {iteration:,}" for iteration, rate in rates.items())
    return f"learning rate {told} (lr_policy {solver.lr_policy})"
