"""What DetectionOutput is told, checked against the shapes of its bottoms."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.layers.base import LayerContext

_PARAM = "detection_output_param"
# Numbers of a region: item, and corners.
_REGION = 5
_NMS = (_PARAM, "nms_param")


@dataclass(frozen=True)
class DetectionFacts:
    """How many prior boxes and classes there are, how boxes are told, and which are reported.

    `limits` are how many boxes of a class are compared with each other, and how many of an item
    are reported (-1: all). `plain_numbers`: boxes are told without variances. `regions_in`: width
    and height of the image in which regions are told that stand for prior boxes.
    """

    places: int
    classes: int
    code: int
    background: int
    threshold: float
    limits: tuple[int, int]
    overlap: float
    eta: float
    plain_numbers: bool
    objectness: float
    regions_in: tuple[int, int] | None


def resolved(ctx: LayerContext) -> DetectionFacts:
    """The facts of a layer, or the error of its text."""
    options = ctx.param.detection_output_param
    classes = options.num_classes
    if not classes:
        raise ctx.error(
            "detection_output_param has no num_classes",
            wanted="how many classes there are, the background among them",
            do="Add for instance detection_output_param { num_classes: 21 }.",
        )
    if not -1 <= options.background_label_id < classes:
        raise ctx.error(
            f"background_label_id {options.background_label_id}",
            at=(_PARAM, "background_label_id"),
            wanted=f"a class from 0 to {classes - 1}, or -1 if none is the background",
        )
    places = _places(ctx)
    _check_sizes(ctx, places, classes)
    nms = options.nms_param
    _check_suppression(ctx)
    most = nms.top_k if nms.HasField("top_k") and nms.top_k > -1 else places
    threshold = options.confidence_threshold
    return DetectionFacts(
        places=places,
        classes=classes,
        code=options.code_type,
        background=options.background_label_id,
        threshold=threshold if options.HasField("confidence_threshold") else -math.inf,
        limits=(most, max(options.keep_top_k, -1)),
        overlap=nms.nms_threshold,
        eta=nms.eta,
        plain_numbers=options.variance_encoded_in_target,
        objectness=options.objectness_score,
        regions_in=None if options.normalized else (options.input_width, options.input_height),
    )


def _places(ctx: LayerContext) -> int:
    """How many prior boxes there are."""
    shape = ctx.shapes[2]
    if not ctx.param.detection_output_param.normalized:
        return _regions(ctx)
    if len(shape) < 3 or shape[:2] != (1, 2) or math.prod(shape[2:]) % 4:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[2]}' is {shape}",
            at=("bottom", 2),
            wanted="(1, 2, P * 4): P prior boxes and their variances, as PriorBox layers make them",
        )
    return math.prod(shape[2:]) // 4


def _regions(ctx: LayerContext) -> int:
    """How many regions stand in for prior boxes."""
    options, shape = ctx.param.detection_output_param, ctx.shapes[2]
    for name in ("input_width", "input_height"):
        if not getattr(options, name):
            raise ctx.error(
                f"normalized: false without {name}",
                at=(_PARAM, "normalized"),
                wanted="the size of the image in pixels, in which the regions are told",
            )
    if not options.variance_encoded_in_target or len(ctx.bottoms) > 3:
        raise ctx.error(
            "normalized: false"
            + (f" with {len(ctx.bottoms)} bottoms" if len(ctx.bottoms) > 3 else ""),
            at=(_PARAM, "normalized"),
            wanted="three bottoms and variance_encoded_in_target: true: regions have no variances",
        )
    if math.prod(shape) % _REGION:
        raise ctx.error(
            f"bottom '{ctx.param.bottom[2]}' is {shape}",
            at=("bottom", 2),
            wanted="five numbers for each region, its item and its corners",
        )
    return math.prod(shape) // _REGION


def _check_sizes(ctx: LayerContext, places: int, classes: int) -> None:
    """Every bottom has one row an item, with so many numbers for each prior box."""
    shared = ctx.param.detection_output_param.share_location
    boxes = 4 if shared else 4 * classes
    items = ctx.shapes[0][0] if ctx.shapes[0] else 0
    for index, numbers in ((0, boxes), (1, classes), (3, 2), (4, 4)):
        if index >= len(ctx.shapes):
            break
        shape = ctx.shapes[index]
        if len(shape) < 2 or shape[0] != items or math.prod(shape[1:]) != places * numbers:
            raise ctx.error(
                f"bottom '{ctx.param.bottom[index]}' is {shape}",
                at=("bottom", index),
                wanted=f"({items}, {places * numbers}): '{ctx.param.bottom[2]}' has {places} prior "
                f"boxes, and there are {numbers} numbers for each",
            )


def _check_suppression(ctx: LayerContext) -> None:
    nms = ctx.param.detection_output_param.nms_param
    if not nms.nms_threshold >= 0:
        raise ctx.error(
            f"nms_threshold {nms.nms_threshold:g}", at=(*_NMS, "nms_threshold"), wanted="0 or more"
        )
    if not 0 < nms.eta <= 1:
        raise ctx.error(f"eta {nms.eta:g}", at=(*_NMS, "eta"), wanted="above 0, and 1 at most")
