"""`mycaffe detect`: objects in pictures, by a detector of the SSD kind."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mycaffe_py.cli.arguments import add_code_argument, place_to_write
from mycaffe_py.cli.unread import tell_unread

NAME = "detect"
HELP = "Find objects in pictures with a detector of the SSD kind (text and weights)."
EXAMPLES = """\
  mycaffe detect group.jpg --model deploy.prototxt --weights res10.caffemodel --mean 104,177,123
  mycaffe detect street.jpg --model deploy.prototxt --weights MobileNetSSD.caffemodel \\
      --mean 127.5 --scale 0.007843 --labels voc.txt --out boxed.png
  mycaffe detect *.jpg --model deploy.prototxt --weights W.caffemodel --out boxed --json

The net must end in a DetectionOutput layer, or one whose rows are the same. A picture is turned
upright and brought to the size of the net's input, as OpenCV does it; then a value of 0-255 becomes
(value - mean) * scale. These belong to the weights: whoever published them tells them. Blue is the
first channel, as in Caffe, unless --rgb says otherwise. A net with one channel sees gray.

Rows are score, left, top, right, bottom in pixels of the picture, and the class. --labels is a file
with a name in each line, that of the background first or left out, or a label map of the SSD fork.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Pictures, the net, what is done to pictures, which objects are told, where results go."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument(
        "--model", required=True, metavar="TEXT", help="the deploy text of the detector"
    )
    parser.add_argument(
        "--weights", required=True, type=Path, metavar="FILE", help="its .caffemodel or .h5"
    )
    parser.add_argument("--labels", type=Path, metavar="FILE", help="names of the classes")
    parser.add_argument(
        "--mean", default="0", metavar="B,G,R",
        help="what is taken off each channel, or one value for all (0)",
    )  # fmt: skip
    parser.add_argument(
        "--scale", type=float, default=1.0, metavar="S", help="what is multiplied then (1)"
    )
    parser.add_argument("--rgb", action="store_true", help="the net takes red first")
    parser.add_argument(
        "--threshold",
        type=float,
        default=0.5,
        metavar="T",
        help="least score of an object (0.5)",
    )
    parser.add_argument(
        "--out",
        type=place_to_write,
        metavar="PNG",
        help="the picture with boxes; of several a folder",
    )
    add_code_argument(parser)
    parser.add_argument("--threads", type=int, metavar="N", help="cores to use; without it all")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    """Look at each picture, write what was asked for, and tell which could not be read."""
    from mycaffe_py.engine.threads import set_threads

    set_threads(args.threads)
    from mycaffe_py.data.pictures.boxed_names import check_boxed_names
    from mycaffe_py.detect.detector import Detector
    from mycaffe_py.detect.drawing import write_boxed
    from mycaffe_py.detect.names import read_names
    from mycaffe_py.detect.preparing import given_mean, preparing
    from mycaffe_py.detect.report import checked_threshold, detect_all
    from mycaffe_py.evaluate.test_model import open_tested

    check_boxed_names(args.out, len(args.images))
    threshold, mean = checked_threshold(args.threshold), given_mean(args.mean)
    detector = Detector(open_tested(args.model, args.weights, 0, (), run_code=args.run_code))
    way = preparing(mean, args.scale, args.rgb, detector.shape[0])
    names = {} if args.labels is None else read_names(args.labels, detector.class_count)
    found = detect_all(detector, args.images, way, threshold, names)
    written = write_boxed(found, args.out) if args.out else []
    if args.json:
        print(json.dumps({**found.as_json(), "files": [str(file) for file in written]}))
    else:
        print("\n".join([*found.lines(), *([""] if written else []), *map(str, written)]))
    return tell_unread(found.unread)
