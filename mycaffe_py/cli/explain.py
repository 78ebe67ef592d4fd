"""`mycaffe explain`: what a model, a layer type or a solver text means."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument
from mycaffe_py.errors import UserError

NAME = "explain"
HELP = "Tell what a model, a layer type or a solver text means."
EXAMPLES = """\
  mycaffe explain model siamese_28x28              shapes and parameters, phase by phase
  mycaffe explain model mine.prototxt --phase RUN
  mycaffe explain model mine --snapshot snapshots/mine_iter_500.caffemodel    BatchNorm's past
  mycaffe explain layer                            all layer types, by family
  mycaffe explain layer ContrastiveLoss            formula, shapes, options, an example
  mycaffe explain solver siamese_28x28.solver      what will be done, and when
"""
_PHASES = ("TRAIN", "TEST", "RUN")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`model X`, `layer TYPE` or `solver X`."""
    parser.add_argument("what", choices=("model", "layer", "solver"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="a file, template or layer type")
    parser.add_argument("--phase", choices=_PHASES, type=str.upper, help="only this net of a model")
    parser.add_argument(
        "--snapshot",
        metavar="FILE",
        help="a .caffemodel: what BatchNorm layers of a model have seen",
    )
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Tell of one text or layer type, or list the layer types."""
    if args.name is None:
        return _families(args)
    if args.what == "model":
        return _model(args)
    return _layer(args) if args.what == "layer" else _solver(args)


def _model(args: argparse.Namespace) -> int:
    from mycaffe_py.data.opening import LOOKING
    from mycaffe_py.graph.net_text import read_model
    from mycaffe_py.graph.told.told_model import PHASES, no_layer, tell_model
    from mycaffe_py.snapshot.weights import read_weights
    from mycaffe_py.solver.trust import opening_of

    text = read_model(args.name)
    opening = opening_of(Path(text.card.file), LOOKING, args.run_code)
    layers = read_weights(Path(args.snapshot)).layers if args.snapshot else {}
    weights = {layer: [blob.array for blob in blobs] for layer, blobs in layers.items()}
    told = tell_model(text, (args.phase,) if args.phase else PHASES, weights, opening)
    if not told.nets:
        raise no_layer(text, args.phase or "")
    print(json.dumps(told.as_json()) if args.json else "\n".join(told.lines()))
    return 0


def _layer(args: argparse.Namespace) -> int:
    from mycaffe_py.graph.told.layer_card import card_text, layer_card

    card = layer_card(args.name)
    print(json.dumps(dataclasses.asdict(card)) if args.json else card_text(card))
    return 0


def _families(args: argparse.Namespace) -> int:
    from mycaffe_py.graph.told.layer_families import families, families_text

    if args.what != "layer":
        raise UserError(
            f"no {args.what} is named", do=f"Name it: mycaffe explain {args.what} NAME."
        )
    print(json.dumps(families()) if args.json else families_text())
    return 0


def _solver(args: argparse.Namespace) -> int:
    from google.protobuf.json_format import MessageToDict

    from mycaffe_py.solver.rates import check_policy
    from mycaffe_py.solver.solver_words import solver_words
    from mycaffe_py.solver.texts import read_job
    from mycaffe_py.solver.updates import check_solver_type

    job = read_job(args.name)
    check_policy(job.solver, job.where)
    check_solver_type(job.solver, job.where)
    if args.json:
        print(json.dumps(MessageToDict(job.solver, preserving_proto_field_name=True)))
        return 0
    print(f"{job.card.file} trains {job.train.card.file}")
    print("\n".join(f"  {line}" for line in solver_words(job.solver)))
    return 0
