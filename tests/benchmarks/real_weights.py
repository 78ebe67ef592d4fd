"""Nets with their published weights, ours beside OpenCV's dnn: how far their outputs are apart.

    python -m tests.benchmarks.real_weights FOLDER [FOLDER ...] [--largest 1]

Each folder holds a deploy text and a .caffemodel, as they were published. Both sides get the same
noise of 0 to `--largest` (255 for nets that take bytes), one picture and then two. A line for each
net: the largest difference of an output, by the largest value of it; of detections, that of a row
to the nearest row of the other side. What OpenCV cannot read is told.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

import mycaffe_py
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text_file
from mycaffe_py.random_streams import stream

_DETECTION = 7
Values = NDArray[np.float32]


def _makers(model: Path) -> dict[str, str]:
    """For each blob the last layer that makes it, and not in place alone."""
    text = read_text_file(model, pb.NetParameter).message
    return {top: layer.name for layer in text.layer for top in layer.top}


def _rows(found: Values) -> Values:
    """Detections, without the rows that stand for none."""
    rows = found.reshape(-1, _DETECTION)
    return rows[rows[:, 1] > 0]


def _apart(ours: Values, theirs: Values) -> float:
    """The largest difference by the largest value; of detections as it is."""
    if ours.shape[-1:] == (_DETECTION,) and ours.ndim == 4 and ours.shape[1] == 1:
        mine, other = _rows(ours), _rows(theirs)
        if len(mine) != len(other):
            return float("inf")
        # By the nearest, as scores that are equal but for rounding stand in either order.
        steps = np.abs(mine[:, np.newaxis] - other).max(axis=2)
        return float(max(steps.min(axis=0).max(), steps.min(axis=1).max())) if len(mine) else 0.0
    if ours.size != theirs.size:
        return float("inf")
    largest = float(np.abs(theirs).max()) or 1.0
    return float(np.abs(ours - theirs.reshape(ours.shape)).max()) / largest


def compare(folder: Path, largest: float) -> float:
    """The largest difference of the net in `folder`, on noise of 0 to `largest`."""
    (model,) = folder.glob("*.prototxt")
    (weights,) = folder.glob("*.caffemodel")
    ours = mycaffe_py.load(model=str(model), weights=str(weights))
    theirs = cv2.dnn.readNetFromCaffe(str(model), str(weights))
    ((blob, shape),) = ours.inputs.items()
    makers = _makers(model)
    worst = 0.0
    for pictures in (1, 2):
        noise = stream(1, "noise", pictures).uniform(0, largest, (pictures, *shape[1:]))
        given = noise.astype(np.float32)
        mine = ours.forward({blob: given})
        theirs.setInput(given)
        for name in ours.outputs:
            other = theirs.forward(makers[name])
            worst = max(worst, _apart(np.asarray(mine[name]), np.asarray(other)))
    return worst


def main() -> None:
    """Print a line for each folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--largest", type=float, default=1.0)
    args = parser.parse_args()
    for folder in args.folders:
        try:
            print(f"{folder.name}: {compare(folder, args.largest):.1e}", flush=True)
        except (MyCaffeError, cv2.error, ValueError) as error:
            print(f"{folder.name}: not compared, {error}", flush=True)


if __name__ == "__main__":
    main()
