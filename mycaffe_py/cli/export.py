"""Floor 8. `mycaffe export`: a net for other programs, as ONNX or as Caffe's deploy files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mycaffe_py.cli.code_arguments import add_code_argument

if TYPE_CHECKING:
    from mycaffe_py.data.opening import Opening
    from mycaffe_py.data.picture_record import PictureRecord
    from mycaffe_py.layers.base import Shape
    from mycaffe_py.snapshot.weights import Weights
    from mycaffe_py.solver.texts import NetText

NAME = "export"
HELP = "Write a net for other programs: ONNX, or Caffe's deploy text and weights."
EXAMPLES = """\
  mycaffe export onnx                                  newest snapshot below this folder
  mycaffe export onnx --snapshot snapshots/siamese_28x28_iter_8000.caffemodel --out digits.onnx
  mycaffe export onnx deploy.prototxt --weights bvlc_googlenet.caffemodel
  mycaffe export deploy --out digits                   deploy.prototxt, deploy.caffemodel
  mycaffe export deploy lenet --weights lenet.caffemodel --caffe    for real Caffe and OpenCV
"""
_PHASES = ("TEST", "RUN")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`onnx` or `deploy`."""
    jobs = parser.add_subparsers(dest="job", metavar="onnx|deploy", required=True)
    onnx = jobs.add_parser("onnx", help="one file with the weights in it, for any batch size")
    _add_net(onnx)
    onnx.add_argument("--out", type=Path, metavar="FILE", help="without it NAME.onnx, in here")
    onnx.add_argument(
        "--phase", choices=_PHASES, type=str.upper,
        help="which net; without it RUN where the text has data layers or losses, else TEST",
    )  # fmt: skip
    deploy = jobs.add_parser("deploy", help="deploy.prototxt and deploy.caffemodel")
    _add_net(deploy)
    deploy.add_argument(
        "--out", type=Path, metavar="FOLDER", help="without it NAME_deploy, in here"
    )
    deploy.add_argument(
        "--caffe", action="store_true",
        help="leave out what only MyCaffe knows, so that Caffe and OpenCV read it",
    )  # fmt: skip


def _add_net(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", nargs="?", help="model text: file or template")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="weights of MODEL")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel of a run here; without MODEL and this the newest below this folder",
    )  # fmt: skip
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    return _onnx(args) if args.job == "onnx" else _deploy(args)


class _Given(NamedTuple):
    """What is exported. `shapes` of the TEST net's blobs, None: they must be found.

    `record` tells how the pictures it learned were read, where that is known.
    """

    name: str
    text: NetText
    weights: Weights | None
    shapes: dict[str, Shape] | None
    files: tuple[Path, ...]
    opening: Opening
    record: PictureRecord | None = None


def _given(args: argparse.Namespace) -> _Given:
    """A model text with its weights, or a snapshot, which knows both."""
    from mycaffe_py.data.opening import TRANSLATING
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.drawn import recorded
    from mycaffe_py.evaluate.snapshot import open_snapshot
    from mycaffe_py.proto import mycaffe_pb2 as pb
    from mycaffe_py.solver.model_text import read_model
    from mycaffe_py.solver.trust import opening_of

    if args.model is not None:
        if args.snapshot is not None:
            raise UserError(
                "a model and --snapshot are both given",
                wanted="a snapshot has a model of its own",
                do="Name the weights of the model with --weights.",
            )
        text = read_model(args.model, pb.NetState())
        weights = None if args.weights is None else _weights(args.weights, args.run_code)
        files = (Path(text.card.file), *([] if args.weights is None else [args.weights]))
        opening = opening_of(Path(text.card.file), TRANSLATING, args.run_code)
        return _Given(Path(text.card.file).stem, text, weights, None, files, opening)
    if args.weights is not None:
        raise UserError("--weights without a model", do="Name the model text before it.")
    snapshot = open_snapshot(args.snapshot, run_code=args.run_code)
    opening = opening_of(snapshot.files.card, TRANSLATING, args.run_code)
    path = snapshot.files.weights
    name = path.name.partition(".")[0]
    return _Given(
        name,
        snapshot.text,
        _weights(path, args.run_code),
        snapshot.shapes,
        (path,),
        opening,
        recorded(snapshot),
    )


def _tell_centroids(given: _Given) -> None:
    """Say so where nothing tells how the centroids of the weights were made."""
    from mycaffe_py.evaluate.class_means_file import say

    decodes = any(layer.type == "Decode" for layer in given.text.net.layer)
    weights = given.files[-1]
    if decodes and len(given.files) > 1 and not weights.with_suffix(".run.json").is_file():
        say(f"there is no run card beside {weights}: its centroids are exported as they stand")


def _weights(path: Path, run_code: bool) -> Weights:
    """Those at `path`; of a run here with the centroids of their final features."""
    from mycaffe_py.data.opening import NeedsConsentError
    from mycaffe_py.errors import UserError
    from mycaffe_py.evaluate.final_weights import final_weights
    from mycaffe_py.evaluate.loaded_net import run_graph
    from mycaffe_py.evaluate.snapshot import open_snapshot
    from mycaffe_py.snapshot.weights import read_weights

    try:
        snapshot = open_snapshot(path, run_code=run_code)
        if snapshot.decodes:
            return final_weights(snapshot, run_graph(snapshot, 1))
    except NeedsConsentError:
        raise
    except UserError:
        # Of no run here, or of one whose net cannot run: weights alone need neither.
        pass
    return read_weights(path, may_be_empty=True)


def _keep(path: Path, given: _Given) -> None:
    """Nothing that is read may be written over."""
    from mycaffe_py.errors import UserError

    if any(path.resolve() == file.resolve() for file in given.files):
        raise UserError(f"{path} is what is exported", do="Choose another --out.")


def _onnx(args: argparse.Namespace) -> int:
    from mycaffe_py.export.facts import RECORD, onnx_facts
    from mycaffe_py.export.onnx_file import OPSET, write_onnx
    from mycaffe_py.export.plain_net import plain_net
    from mycaffe_py.export.translate import to_onnx
    from mycaffe_py.proto import mycaffe_pb2 as pb

    given = _given(args)
    path = args.out or Path(f"{given.name}.onnx")
    _keep(path, given)
    _tell_centroids(given)
    phase = None if args.phase is None else pb.Phase.Value(args.phase)
    plain = plain_net(
        given.text, given.weights, phase=phase, shapes=given.shapes, opening=given.opening
    )
    net = to_onnx(plain, onnx_facts(given.text, plain, given.record))
    files = write_onnx(path, net)
    sides = {"in": net.inputs, "out": net.outputs}
    if args.json:
        ports = {
            f"{side}puts": {port.name: list(port.dims) for port in sides[side]} for side in sides
        }
        told = {"files": [str(file) for file in files], "opset": OPSET, **ports}
        print(json.dumps({**told, "facts": net.facts, "notes": plain.notes}))
        return 0
    print("\n".join(str(file) for file in files))
    for side in sides:
        for port in sides[side]:
            print(f"  {side:3}  {port.name}  {' x '.join(map(str, port.dims))}")
    for key, value in net.facts.items():
        if key == RECORD:
            continue
        print(f"  {key}: {value}")
    for note in plain.notes:
        print(f"  note: {note}")
    return 0


def _deploy(args: argparse.Namespace) -> int:
    from mycaffe_py.errors import UserError
    from mycaffe_py.export.deploy import centroids_left_out, deployed, write_deployed
    from mycaffe_py.export.facts import comments

    given = _given(args)
    if given.weights is None:
        raise UserError(
            "no weights are given",
            wanted="a net that only runs is worth nothing without",
            do="Add --weights FILE.",
        )
    folder = args.out or Path(f"{given.name}_deploy")
    # Without the words of a snapshot in its name, the newest of which commands look for.
    text, weights = folder / "deploy.prototxt", folder / "deploy.caffemodel"
    for path in (text, weights):
        _keep(path, given)
    _tell_centroids(given)
    made = deployed(
        given.text, given.weights, shapes=given.shapes, for_caffe=args.caffe, opening=given.opening
    )
    beside = centroids_left_out(given.text, given.weights, made.left_out)
    write_deployed(made, text, weights, comments(given.record), beside)
    if args.json:
        files = [str(text), str(weights)]
        print(json.dumps({"files": files, "left_out": list(made.left_out)}))
        return 0
    print(f"{text}\n{weights}")
    for layer in beside:
        print(f"  centroids: the first blob of layer {layer.param.name} in {weights.name}")
    if made.left_out:
        print(f"  left out, as Caffe does not know them: {', '.join(made.left_out)}")
    return 0
