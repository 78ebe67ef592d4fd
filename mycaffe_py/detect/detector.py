"""A net that finds objects: what it takes, and what its rows say in pixels of a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mycaffe_py.data.pictures.decoding import Pixels
from mycaffe_py.detect.preparing import Preparing
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Node

# Numbers of a row: item, class, score, and the corners in parts of the picture.
_ROW = 7
# Decimals of a corner.
_PARTS_OF_PIXEL = 2
# Score from which on an object is told.
THRESHOLD = 0.5


@dataclass(frozen=True)
class Detection:
    """One object: its class by number and by name, score, and corners (x1, y1, x2, y2) in pixels.

    The corners lie within the picture, and are told to hundredths of a pixel.
    """

    label: int
    name: str
    score: float
    box: tuple[float, float, float, float]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        box = list(self.box)
        return {"label": self.label, "name": self.name, "score": self.score, "box": box}


class Detector:
    """A net of phase TEST with one picture as its input and rows of objects as an output."""

    def __init__(self, net: Net) -> None:
        """Errors: a net with other inputs; one that has no such output."""
        self._net = net
        self._output = _output(net)
        self._input = _input(net)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the pictures that the net takes."""
        channels, height, width = self._net.graph.blobs[self._input].shape[1:]
        return channels, height, width

    @property
    def gray(self) -> bool:
        """Whether it takes one channel."""
        return self.shape[0] == 1

    @property
    def class_count(self) -> int:
        """How many classes there are, the background among them; 0 where the text does not say."""
        return _maker(self._net, self._output).context.param.detection_output_param.num_classes

    def detect(
        self, pixels: Pixels, way: Preparing, threshold: float, names: Mapping[int, str]
    ) -> list[Detection]:
        """The objects in pixels (C, H, W), blue first, that score so much; the best first.

        What lies wholly beside the picture is left out.
        """
        blob = self._net.blob(self._input)
        blob[...] = 0
        blob[:1] = way.blob(pixels, *self.shape[1:])
        self._net.forward()
        rows = np.array(self._net.blob(self._output)).reshape(-1, _ROW)
        height, width = pixels.shape[1:]
        # A row of -1 stands for nothing; items behind the first are empty.
        rows = rows[(rows[:, 0] == 0) & (rows[:, 1] >= 0) & (rows[:, 2] >= threshold)]
        rows = rows[np.argsort(-rows[:, 2], kind="stable")]
        corners = np.clip(rows[:, 3:].astype(np.float64), 0, 1) * [width, height, width, height]
        corners = corners.round(_PARTS_OF_PIXEL)
        found = []
        for label, score, (x1, y1, x2, y2) in zip(*rows[:, 1:3].T, corners.tolist(), strict=True):
            number = int(label)
            # Boxes beside the picture end up without area.
            if x1 < x2 and y1 < y2:
                name = names.get(number, str(number))
                found.append(Detection(number, name, float(score), (x1, y1, x2, y2)))
        return found


def _input(net: Net) -> str:
    """The input that takes pictures."""
    shapes = {name: net.graph.blobs[name].shape for name in net.graph.inputs}
    pictures = [name for name, shape in shapes.items() if len(shape) == 4 and shape[1] in (1, 3)]
    if len(shapes) == 1 and len(pictures) == 1 and shapes[pictures[0]][0]:
        return pictures[0]
    told = ", ".join(f"'{name}' {shape}" for name, shape in shapes.items()) or "none"
    raise UserError(
        f"the inputs of the net are {told}",
        wanted="one, for pictures (N, C, H, W) of 1 or 3 channels",
        do="A deploy text begins with an Input layer; the text of a training reads its data.",
    )


def _output(net: Net) -> str:
    """The output with rows of objects."""
    shapes = {name: net.graph.blobs[name].shape for name in net.graph.outputs}
    found = [name for name, s in shapes.items() if len(s) == 4 and s[:2] == (1, 1) and s[3] == _ROW]
    if len(found) == 1:
        return found[0]
    told = ", ".join(f"'{name}' {shape}" for name, shape in shapes.items()) or "none"
    raise UserError(
        f"the net is no detector: its outputs are {told}",
        wanted="one of shape (1, 1, R, 7), as a DetectionOutput layer makes it, whose rows are "
        "item, class, score and corners",
        do="What another net says is in mycaffe_py.load(model=..., weights=...).forward().",
    )


def _maker(net: Net, blob: str) -> Node:
    return next(node for node in net.graph.nodes if blob in node.tops)
