"""DetectionOutput: the objects a net sees, out of what it says of its prior boxes."""

from __future__ import annotations

import numpy as np

from mycaffe_py.kernels.detection.boxes import decode_all, detect
from mycaffe_py.layers.base import (
    Array,
    BlobSpec,
    Count,
    Layer,
    LayerContext,
    LayerIO,
    LayerPlan,
    Scratch,
    register,
)
from mycaffe_py.layers.detection.detection_options import DetectionFacts, resolved

# Numbers of a row: item, class, score, and the corners.
_ROW = 7


@register
class DetectionOutput(Layer[DetectionFacts]):
    """Finds the objects of each item: decodes boxes, leaves out the doubtful and the doubled.

    Formula:
        b = box of prior box p by its numbers l and variances v (1 with variance_encoded_in_target):
        CORNER p + v l; CORNER_SIZE p + v l (w, h); CENTER_SIZE centre + v l (w, h), size
        exp(v l) (w, h). Of each class but the background: boxes scoring more than
        confidence_threshold, the top_k best of them, each dropped that overlaps a better one by
        more than nms_threshold (both / either). Of an item the keep_top_k best. No gradient.
    Shapes:
        l (N, P * 4), with share_location: false (N, P * K * 4); scores (N, P * K), already
        probabilities; the prior boxes (1, 2, P * 4). RefineDet: two scores (N, P * 2), a place is
        left out where the second is below objectness_score; and (N, P * 4) that shift the prior
        boxes first. y (1, 1, R, 7) with rows (item, class, score, x1, y1, x2, y2) in parts of the
        image, ordered by item, class, and score. R is found anew in each batch; where nothing is
        found there is a row for each item, -1 all but its number.
    Source:
        Liu et al.: SSD, 2016, and Zhang et al.: RefineDet, 2018. As in the SSD fork of Caffe.
        With normalized: false as in Intel's, where regions (R * 5) of Proposal stand for the prior
        boxes. OpenCV fills up to keep_top_k rows with zeros and orders them otherwise. Options that
        save or show what was found have no effect here. It is not written as ONNX yet.
    Example:
        layer {
          name: "found" type: "DetectionOutput"
          bottom: "loc" bottom: "conf" bottom: "priors" top: "found"
          detection_output_param {
            num_classes: 3 code_type: CENTER_SIZE confidence_threshold: 0.3 keep_top_k: 200
            nms_param { nms_threshold: 0.45 top_k: 400 }
          }
        }
    """

    type = "DetectionOutput"
    bottom_count = Count(3, 5)
    has_backward = False
    example = ((1, 8), (1, 6), (1, 2, 8))

    def plan(self, ctx: LayerContext) -> LayerPlan[DetectionFacts]:
        """The top starts with one row; forward knows how many there are."""
        facts = resolved(ctx)
        places, classes = facts.places, facts.classes
        scratch = {
            "numbers": Scratch((4, places), np.int64),
            "values": Scratch((places,)),
            "boxes": Scratch((6, places)),
            "found": Scratch((min(places, facts.limits[0]) * classes, _ROW)),
        }
        if len(ctx.bottoms) > 3:
            scratch["scores"] = Scratch((places, classes))
        if len(ctx.bottoms) > 4:
            scratch["priors"] = Scratch((places, 4))
        top = BlobSpec((1, 1, 1, _ROW))
        return LayerPlan(tops=(top,), scratch=scratch, facts=facts, varying=(0,))

    def forward(self, io: LayerIO[DetectionFacts]) -> None:
        """Item by item; then the top gets as many rows as there are."""
        items = len(io.bottoms[0])
        found = [_objects(io, item) for item in range(items)]
        count = sum(map(len, found))
        if count:
            rows = io.resize(0, (1, 1, count, _ROW))
            np.concatenate(found, out=rows[0, 0])
        else:
            rows = io.resize(0, (1, 1, items, _ROW))
            rows.fill(-1)
            rows[0, 0, :, 0] = range(items)


def _objects(io: LayerIO[DetectionFacts], item: int) -> Array:
    """The rows of one item."""
    facts, scratch = io.facts, io.scratch
    told = io.bottoms[0][item].reshape(facts.places, -1, 4)
    scores = io.bottoms[1][item].reshape(facts.places, facts.classes)
    if facts.regions_in:
        regions = io.bottoms[2].reshape(facts.places, 5)
        priors = regions[:, 1:] / np.array(facts.regions_in * 2, regions.dtype)
        variances = np.ones_like(priors)
    else:
        priors, variances = io.bottoms[2][0].reshape(2, facts.places, 4)
    if facts.plain_numbers:
        variances = np.ones_like(variances)
    if len(io.bottoms) > 3:
        certain = io.bottoms[3][item].reshape(facts.places, 2)[:, 1:]
        nothing = np.arange(facts.classes) == 0
        scratch["scores"][...] = np.where(certain < facts.objectness, nothing, scores)
        scores = scratch["scores"]
    if len(io.bottoms) > 4:
        shifts = io.bottoms[4][item].reshape(facts.places, 4)
        decode_all(shifts, priors, variances, facts.code, scratch["priors"])
        priors = scratch["priors"]
    count = detect(
        item, told, scores, priors, variances, facts.code, facts.background, facts.threshold,
        facts.limits, facts.overlap, facts.eta,
        scratch["numbers"], scratch["values"], scratch["boxes"], scratch["found"],
    )  # fmt: skip
    return scratch["found"][:count].copy()
