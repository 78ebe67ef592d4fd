"""Settings and variants of the layers of R-CNN and YOLO."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from tests.layers.cases import Case, Setting


def _regions(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Normal maps, and regions some of which reach over the edge; one lies outside."""
    maps = random.normal(size=shapes[0])
    corners = random.uniform(-3, 15, size=(shapes[1][0], 2))
    rows = np.empty((shapes[1][0], 5))
    rows[:, 0] = random.integers(0, shapes[0][0], size=len(rows))
    rows[:, 1:3] = corners
    rows[:, 3:] = corners + random.uniform(-2, 14, size=corners.shape)
    rows[-1, 1:] = 90
    return [maps, rows.reshape(shapes[1])]


def _one_region(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """One box is large enough, by far: a layer run without a net has the one row of its plan."""
    scores, moves, info = (np.zeros(shape) for shape in shapes)
    scores[...] = random.uniform(size=scores.shape)
    moves[0, 2:4] = -9
    moves[0, 6:8] = -9
    moves[0, 6:8, 1, 1] = 0.5
    info[...] = [20, 30, 1]
    return [scores, moves, info]


def _one_box(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """One box of the last map scores enough."""
    maps = [random.normal(size=shape) for shape in shapes]
    for x in maps:
        x[:, 4::7] = -9
    maps[-1][0, 4, -1, -1] = 9
    maps[-1][0, 5, -1, -1] = 3
    return maps


_REGIONS = Setting(bottoms=_regions)
_BOX = Setting(bottoms=_one_box)
EXAMPLES = {
    "ROIPooling": _REGIONS,
    "PSROIPooling": _REGIONS,
    "Proposal": Setting(bottoms=_one_region),
    "YoloDetectionOutput": _BOX,
    "Yolov3DetectionOutput": _BOX,
}


def _pooled(options: str, kind: str = "ROIPooling", field: str = "roi_pooling_param") -> str:
    ports = 'bottom: "x" bottom: "rois" top: "y"'
    return f'layer {{ name: "r" type: "{kind}" {ports} {field} {{ {options} }} }}'


def _smooth(bottoms: str, options: str = "") -> str:
    ports = " ".join(f'bottom: "{name}"' for name in bottoms)
    return f'layer {{ name: "l" type: "SmoothL1Loss" {ports} top: "loss" {options} }}'


_PROPOSAL = (
    'layer { name: "p" type: "Proposal" bottom: "s" bottom: "d" bottom: "i" top: "y" top: "z" '
    "proposal_param { base_size: 8 feat_stride: 8 min_size: 4 ratio: 1 scale: 1 scale: 2 } }"
)

CASES = [
    Case(
        "Proposal scores",
        _PROPOSAL,
        [(1, 4, 2, 3), (1, 8, 2, 3), (1, 3)],
        Setting(bottoms=_one_region),
    ),
    Case(
        "ROIPooling one cell",
        _pooled("pooled_h: 1 pooled_w: 1 spatial_scale: 0.25"),
        [(1, 3, 4, 5), (4, 5)],
        _REGIONS,
    ),
    Case(
        "ROIPooling of four axes",
        _pooled("pooled_h: 7 pooled_w: 7"),
        [(2, 2, 9, 11), (3, 5, 1, 1)],
        _REGIONS,
    ),
    Case(
        "ROIPooling nothing", _pooled("pooled_h: 2 pooled_w: 2"), [(2, 2, 4, 4), (1, 5)], _REGIONS
    ),
    Case(
        "PSROIPooling three cells",
        _pooled(
            "spatial_scale: 0.37 output_dim: 1 group_size: 3", "PSROIPooling", "psroi_pooling_param"
        ),
        [(2, 9, 5, 7), (5, 5)],
        _REGIONS,
    ),
    Case("SmoothL1Loss plain", _smooth("ab"), [(4, 3, 2), (4, 6)]),
    Case("SmoothL1Loss inside", _smooth("abv"), [(5, 2)] * 3),
    Case(
        "SmoothL1Loss broad", _smooth("abvu", "smooth_l1_loss_param { sigma: 0.5 }"), [(2, 3)] * 4
    ),
    Case("SmoothL1Loss of a number", _smooth("ab"), [(), ()]),
    Case(
        "YoloDetectionOutput two maps",
        'layer { name: "d" type: "YoloDetectionOutput" bottom: "a" bottom: "b" top: "y" '
        "yolo_detection_output_param { num_classes: 2 num_box: 1 confidence_threshold: 0.4 "
        "biases: 1 biases: 2 } }",
        [(1, 7, 2, 3), (1, 7, 4, 6)],
        _BOX,
    ),
    Case(
        "Yolov3DetectionOutput one map",
        'layer { name: "d" type: "Yolov3DetectionOutput" bottom: "a" top: "y" '
        "yolov3_detection_output_param { num_classes: 2 num_box: 2 confidence_threshold: 0.4 "
        "biases: 9 biases: 2 biases: 4 biases: 8 mask: 0 mask: 1 mask_group_num: 1 "
        "anchors_scale: 8 } }",
        [(1, 14, 2, 3)],
        _BOX,
    ),
    Case(
        "Reorg back",
        'layer { name: "r" type: "Reorg" bottom: "x" top: "y" '
        "reorg_param { stride: 2 reverse: true } }",
        [(2, 8, 2, 3)],
    ),
    Case(
        "Reorg threes",
        'layer { name: "r" type: "Reorg" bottom: "x" top: "y" reorg_param { stride: 3 } }',
        [(1, 9, 3, 6)],
    ),
]
