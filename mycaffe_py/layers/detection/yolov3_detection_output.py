"""Yolov3DetectionOutput: the objects that YOLO v3 sees, on several scales."""

from __future__ import annotations

from mycaffe_py.layers.base import LayerContext, LayerPlan, register
from mycaffe_py.layers.detection.yolo_maps import (
    YoloFacts,
    YoloMaps,
    check_maps,
    check_options,
    pairs,
    planned,
)

_PARAM = "yolov3_detection_output_param"


@register
class Yolov3DetectionOutput(YoloMaps):
    """Finds the objects of each item in the maps of YOLO v3, which are of several scales.

    Formula:
        s = sigmoid. Of a box at cell (i, j): centre ((i + s(x)) / W, (j + s(y)) / H), size
        exp(t) * biases / (anchors_scale * (W, H)); its score s(object) * s(class) of its best
        class. Boxes scoring more than confidence_threshold, of all maps together, best first; one
        is dropped that overlaps a better one, of whatever class, by nms_threshold or more (both /
        either). No gradient.
    Shapes:
        maps (N, num_box * (5 + num_classes), H, W), as many as mask_group_num, each with its share
        of mask, which are numbers of boxes in biases, and its anchors_scale; y (1, 1, R, 7) with
        rows (item, class + 1, score, x1, y1, x2, y2) in parts of the image, ordered by item and
        score. R is found anew in each batch; where nothing is found there is a row for each item,
        -1 all but its number.
    Source:
        Redmon, Farhadi: YOLOv3, 2018. As in MobileNet-YOLO's Caffe, which takes the items of a
        batch for one, and maps for squares. There each class above the threshold is a row of its
        own before boxes are dropped; all but the best of a box overlap it wholly, so they go.
        gaussian_box is not built.
    Example:
        layer {
          name: "found" type: "Yolov3DetectionOutput" bottom: "coarse" bottom: "fine" top: "found"
          yolov3_detection_output_param {
            num_classes: 2 num_box: 1 confidence_threshold: 0.3 nms_threshold: 0.4
            biases: 10 biases: 20 biases: 30 biases: 15 mask: 1 mask: 0
            anchors_scale: 32 anchors_scale: 16 mask_group_num: 2
          }
        }
    """

    type = "Yolov3DetectionOutput"
    example = ((1, 7, 1, 2), (1, 7, 2, 3))

    def plan(self, ctx: LayerContext) -> LayerPlan[YoloFacts]:
        """Each map has boxes of its own, in pixels of the image."""
        options = ctx.param.yolov3_detection_output_param
        check_options(ctx, _PARAM)
        if options.gaussian_box:
            raise ctx.error(
                "gaussian_box: true",
                at=(_PARAM, "gaussian_box"),
                wanted="false: boxes that come with their uncertainty are not built",
            )
        check_maps(ctx, options.num_box, options.num_classes)
        groups = _groups(ctx)
        boxes = pairs(ctx, _PARAM, 1 + max(max(group) for group in groups))
        sizes = []
        for shape, group, scale in zip(ctx.shapes, groups, options.anchors_scale, strict=False):
            width, height = max(shape[3], 1) * scale, max(shape[2], 1) * scale
            sizes.append(tuple((boxes[k][0] / width, boxes[k][1] / height) for k in group))
        threshold, overlap = options.confidence_threshold, options.nms_threshold
        facts = YoloFacts(tuple(sizes), threshold, False, overlap, one_of_all=False)
        return planned(ctx, facts)


def _groups(ctx: LayerContext) -> list[list[int]]:
    """The numbers of the boxes of each map."""
    options = ctx.param.yolov3_detection_output_param
    maps, each = len(ctx.bottoms), options.num_box
    if options.mask_group_num != maps:
        raise ctx.error(
            f"mask_group_num {options.mask_group_num}",
            at=(_PARAM, "mask_group_num") if options.HasField("mask_group_num") else (_PARAM,),
            wanted=f"{maps}, the number of bottoms",
        )
    step = len(options.mask) // maps
    if step < each:
        raise ctx.error(
            f"{len(options.mask)} values of mask",
            at=(_PARAM, "mask", 0) if options.mask else (_PARAM,),
            wanted=f"{each} for each of the {maps} bottoms: which of the biases are its boxes",
        )
    if len(options.anchors_scale) < maps or 0 in options.anchors_scale:
        raise ctx.error(
            f"anchors_scale {' '.join(map(str, options.anchors_scale)) or 'is not given'}",
            at=(_PARAM, "anchors_scale", 0) if options.anchors_scale else (_PARAM,),
            wanted=f"for each of the {maps} bottoms the pixels of the image in one of its pixels",
        )
    return [list(options.mask[step * k : step * k + each]) for k in range(maps)]
