"""`mycaffe export`: a net for other programs, as ONNX or as Caffe's deploy files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from mycaffe_py.cli.arguments import add_code_argument, file_to_write, folder_to_write

if TYPE_CHECKING:
    from mycaffe_py.export.given import Given
    from mycaffe_py.export.onnx.onnx_net import OnnxNet

NAME = "export"
HELP = "Write a net for other programs: ONNX, or Caffe's deploy text and weights."
EXAMPLES = """\
  mycaffe export onnx                                  newest snapshot below this folder
  mycaffe export onnx --snapshot snapshots/siamese_28x28_iter_8000.caffemodel --out digits.onnx
  mycaffe export onnx --blob feat --out encoder.onnx   pictures in, encodings out, nothing else
  mycaffe export onnx deploy.prototxt --weights bvlc_googlenet.caffemodel
  mycaffe export deploy --out digits                   deploy.prototxt, .caffemodel, .json
  mycaffe export deploy lenet --weights lenet.caffemodel --caffe    for real Caffe and OpenCV

A snapshot's ONNX file answers as 'mycaffe identify' does. It takes uint8 pictures (N, H, W, C) in
the size of the data set, C 1 or 3 (red first); gray, inversion, mean and scale are done inside, and
windows of counters (N, T, F) are scaled inside. Outputs: those of the net, its encoding, and
label (N,), the place of the nearest class in the list 'labels' of the file's metadata,
distance (N,), unknown (N,) and distances (N, labels). Classes enrolled later, and a threshold
measured later, are in it when it is exported again. --plain writes the net alone.
"""
_PHASES = ("TEST", "RUN")
_TYPES = ("uint8", "float16", "float32", "float64")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`onnx` or `deploy`."""
    jobs = parser.add_subparsers(dest="job", metavar="onnx|deploy", required=True)
    onnx = jobs.add_parser("onnx", help="one file with the weights in it, for any batch size")
    _add_net(onnx)
    onnx.add_argument(
        "--out", type=file_to_write, metavar="FILE", help="without it NAME.onnx, in here"
    )
    onnx.add_argument(
        "--phase", choices=_PHASES, type=str.upper,
        help="which net; without it RUN where the text has data layers or losses, else TEST",
    )  # fmt: skip
    onnx.add_argument(
        "--plain", action="store_true",
        help="of a snapshot the net alone: scaled floats in, its own outputs, no names",
    )  # fmt: skip
    onnx.add_argument(
        "--input-type", choices=_TYPES, default="", metavar="TYPE",
        help=f"type of the inputs: {', '.join(_TYPES)}; without it uint8 for pictures, float64 for "
        "windows, float32 for a net alone",
    )  # fmt: skip
    deploy = jobs.add_parser("deploy", help="deploy.prototxt, deploy.caffemodel, deploy.json")
    _add_net(deploy)
    deploy.add_argument(
        "--out", type=folder_to_write, metavar="FOLDER", help="without it NAME_deploy, in here"
    )
    deploy.add_argument(
        "--caffe", action="store_true",
        help="leave out what only MyCaffe knows, so that Caffe and OpenCV read it",
    )  # fmt: skip
    deploy.add_argument(
        "--half", action="store_true",
        help="weights in half precision, half the size; OpenCV and NVCaffe read them, Caffe not",
    )  # fmt: skip


def _add_net(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", nargs="?", help="model text: file or template")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="weights of MODEL")
    parser.add_argument(
        "--snapshot", type=Path, metavar="FILE",
        help=".caffemodel of a run here; without MODEL and this the newest below this folder",
    )  # fmt: skip
    parser.add_argument(
        "--blob", nargs="+", default=[], metavar="B",
        help="blobs that are the only outputs; layers they do not need are left out",
    )  # fmt: skip
    add_code_argument(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Write the ONNX file, or the deploy text with its weights."""
    return _onnx(args) if args.job == "onnx" else _deploy(args)


def _given(args: argparse.Namespace) -> Given:
    """A model text with its weights, or a snapshot, which knows both."""
    from mycaffe_py.errors import UserError
    from mycaffe_py.export.given import given_model, given_snapshot

    if args.model is not None:
        if args.snapshot is not None:
            raise UserError(
                "a model and --snapshot are both given",
                wanted="a snapshot has a model of its own",
                do="Name the weights of the model with --weights.",
            )
        return given_model(args.model, args.weights, args.run_code)
    if args.weights is not None:
        raise UserError("--weights without a model", do="Name the model text before it.")
    return given_snapshot(args.snapshot, args.run_code)


def _onnx(args: argparse.Namespace) -> int:
    from mycaffe_py.export.onnx.exporting import Wanted, exported_onnx
    from mycaffe_py.export.onnx.onnx_file import write_onnx
    from mycaffe_py.proto import mycaffe_pb2 as pb

    given = _given(args)
    path = args.out or Path(f"{given.name}.onnx")
    given.check_kept(path)
    given.tell_centroids()
    phase = None if args.phase is None else pb.Phase.Value(args.phase)
    made = exported_onnx(given, Wanted(phase, args.plain, tuple(args.blob), args.input_type))
    files = write_onnx(path, made.net)
    if args.json:
        print(json.dumps(_json(files, made.net, made.notes)))
        return 0
    print("\n".join(str(file) for file in files))
    for line in _lines(made.net):
        print(f"  {line}")
    for note in made.notes:
        print(f"  note: {note}")
    return 0


def _json(files: list[Path], net: OnnxNet, notes: tuple[str, ...]) -> dict[str, object]:
    from mycaffe_py.export.onnx.onnx_file import OPSET

    return {
        "files": [str(file) for file in files],
        "opset": OPSET,
        "inputs": {port.name: list(port.dims) for port in net.inputs},
        "outputs": {port.name: list(port.dims) for port in net.outputs},
        "facts": net.facts,
        "notes": list(notes),
    }


def _lines(net: OnnxNet) -> list[str]:
    """Inputs, outputs and facts for people."""
    from mycaffe_py.export.onnx.facts import for_programs
    from mycaffe_py.printable import one_line

    sides = (("in", net.inputs), ("out", net.outputs))
    ports = [
        f"{side:3}  {port.name}  {' x '.join(map(str, port.dims))}"
        for side, ports in sides
        for port in ports
    ]
    shown = {key: value for key, value in net.facts.items() if not for_programs(key)}
    return [*ports, *(one_line(f"{key}: {value}") for key, value in shown.items())]


def _deploy(args: argparse.Namespace) -> int:
    from mycaffe_py.export.deploying import write_deploy

    given = _given(args)
    folder = args.out or Path(f"{given.name}_deploy")
    made = write_deploy(given, folder, args.caffe, tuple(args.blob), half=args.half)
    if args.json:
        told = {"files": list(map(str, made.files)), "beside": list(map(str, made.beside))}
        told |= {"left_out": list(made.left_out), "notes": list(made.notes)}
        print(json.dumps({**told, "encoding": made.encoding}))
        return 0
    print("\n".join(map(str, (*made.files, *made.beside))))
    if made.encoding:
        print(f"  out  {made.encoding}: the encoding")
    if made.threshold:
        print(f"  {made.threshold}")
    for note in made.notes:
        print(f"  note: {note}")
    for name in made.centroids:
        print(f"  centroids: the first blob of layer {name} in {made.files[1].name}")
    if made.left_out:
        print(f"  left out, as Caffe does not know them: {', '.join(made.left_out)}")
    return 0
