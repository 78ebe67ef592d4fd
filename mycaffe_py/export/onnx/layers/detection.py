"""Prior boxes, which are constants."""

from __future__ import annotations

import numpy as np

from mycaffe_py.export.onnx.translator import Site, translates
from mycaffe_py.layers.detection.prior_grid import lay


@translates("PriorBox", "PriorBoxClustered")
def prior_boxes(at: Site) -> None:
    """The boxes of the size for which the net was built."""
    shape = tuple(at.length(at.tops[0], axis) for axis in range(3))
    boxes = np.empty(shape, np.float32)
    lay(at.facts, boxes)
    at.same(at.constant(boxes, "boxes"), at.y[0])
