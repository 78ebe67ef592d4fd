"""YoloDetectionOutput: the objects that YOLO v2 sees."""

from __future__ import annotations

from mycaffe_py.layers.base import Count, LayerContext, LayerPlan, register
from mycaffe_py.layers.detection.yolo_maps import (
    YoloFacts,
    YoloMaps,
    check_maps,
    check_options,
    pairs,
    planned,
)

_PARAM = "yolo_detection_output_param"
# The one way of telling a box that there is.
_COORDS = 4


@register
class YoloDetectionOutput(YoloMaps):
    """Finds the objects of each item in the maps of YOLO v2.

    Formula:
        s = sigmoid. Of a box at cell (i, j): centre ((i + s(x)) / W, (j + s(y)) / H), size
        exp(t) * biases / (W, H); its class is the best by softmax, its score s(object) times that.
        Boxes scoring confidence_threshold or more, best first; one is dropped that overlaps a
        better one, of whatever class, by nms_threshold or more (both / either). No gradient.
    Shapes:
        one or two maps (N, num_box * (5 + num_classes), H, W); y (1, 1, R, 7) with rows (item,
        class + 1, score, x1, y1, x2, y2) in parts of the image, ordered by item and score. R is
        found anew in each batch; where nothing is found there is a row for each item, -1 all but
        its number.
    Source:
        Redmon, Farhadi: YOLO9000, 2017. As in MobileNet-YOLO's Caffe, which takes the items of a
        batch for one, and maps for squares. side is that of the maps, whatever the text says.
    Example:
        layer {
          name: "found" type: "YoloDetectionOutput" bottom: "conv" top: "found"
          yolo_detection_output_param {
            num_classes: 2 num_box: 2 confidence_threshold: 0.3 nms_threshold: 0.4
            biases: 0.7 biases: 0.8 biases: 1.4 biases: 0.6
          }
        }
    """

    type = "YoloDetectionOutput"
    bottom_count = Count(1, 2)
    example = ((1, 14, 2, 3),)

    def plan(self, ctx: LayerContext) -> LayerPlan[YoloFacts]:
        """The same boxes on each map, in cells."""
        options = ctx.param.yolo_detection_output_param
        check_options(ctx, _PARAM)
        if options.coords != _COORDS:
            raise ctx.error(f"coords {options.coords}", at=(_PARAM, "coords"), wanted="4")
        check_maps(ctx, options.num_box, options.num_classes)
        boxes = pairs(ctx, _PARAM, options.num_box)[: options.num_box]
        sizes = tuple(
            tuple((width / max(shape[3], 1), height / max(shape[2], 1)) for width, height in boxes)
            for shape in ctx.shapes
        )
        threshold, overlap = options.confidence_threshold, options.nms_threshold
        return planned(ctx, YoloFacts(sizes, threshold, True, overlap, one_of_all=True))
