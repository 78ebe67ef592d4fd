"""Settings and variants of the layers that find objects, and of those they are found with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from tests.layers.cases import Case, Setting


def _one_object(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Boxes, scores and prior boxes of which one scores enough."""
    boxes, scores, priors, *rest = (random.normal(size=shape) / 3 for shape in shapes)
    scores[...] = 0.1
    scores.reshape(len(scores), -1)[:, -1] = 0.9
    priors[0, 0] = np.tile([0.2, 0.3, 0.5, 0.7], priors.shape[2] // 4)
    priors[0, 1] = 0.1
    return [boxes, scores, priors, *[np.abs(array) + 0.1 for array in rest]]


EXAMPLES = {"DetectionOutput": Setting(bottoms=_one_object)}


def _one(kind: str, options: str, bottoms: str = "x", tops: str = "y") -> str:
    ports = [f'bottom: "{name}"' for name in bottoms.split()]
    ports += [f'top: "{name}"' for name in tops.split()]
    return f'layer {{ name: "tried" type: "{kind}" {" ".join(ports)} {options} }}'


def _normalize(options: str) -> str:
    return _one("Normalize", f"norm_param {{ {options} }}")


def _prior(options: str, kind: str = "PriorBox") -> str:
    return _one(kind, f"prior_box_param {{ {options} }}", "map data")


def _detection(options: str, bottoms: str = "loc conf prior") -> str:
    options = f"detection_output_param {{ num_classes: 3 confidence_threshold: 0.5 {options} }}"
    return _one("DetectionOutput", options, bottoms)


_MAP = [(1, 2, 3, 2), (1, 3, 30, 40)]
_BOXES = [(1, 8), (1, 6), (1, 2, 8)]

CASES = [
    Case("ReLU6 defaults", _one("ReLU6", "", tops="x"), [(5, 4)]),
    Case("Permute some", _one("Permute", "permute_param { order: 0 order: 2 }"), [(2, 3, 4, 2)]),
    Case("Permute nothing", _one("Permute", ""), [(2, 3, 4)]),
    Case("Permute a scalar", _one("Permute", ""), [()]),
    Case("Normalize defaults", _one("Normalize", ""), [(2, 3, 2, 2)]),
    Case("Normalize across channels", _normalize("channel_shared: false"), [(3, 4, 2)]),
    Case("Normalize shared places", _normalize("across_spatial: false"), [(3, 4)]),
    Case("Normalize plain", _one("Normalize", "normalize_param { }"), [(2, 3, 2)]),
    Case(
        "Normalize plain lengths",
        _one("Normalize", "normalize_param { bp_norm: true }", tops="y n"),
        [(2, 3, 2)],
    ),
    Case(
        "Normalize plain amounts",
        _one("Normalize", 'normalize_param { normalize_type: "L1" bp_norm: true }', tops="y n"),
        [(2, 3, 2)],
    ),
    Case("PriorBox squares", _prior("min_size: 8 min_size: 20"), _MAP),
    Case(
        "PriorBox step",
        _prior("min_size: 8 step_h: 9 step_w: 11 offset: 0 img_h: 33 img_w: 44 clip: true"),
        _MAP,
    ),
    Case(
        "PriorBoxClustered clip", _prior("width: 8 height: 9 clip: true", "PriorBoxClustered"), _MAP
    ),
    Case("DetectionOutput corners", _detection(""), _BOXES, Setting(_one_object)),
    Case(
        "DetectionOutput boxes of classes",
        _detection("share_location: false code_type: CORNER_SIZE variance_encoded_in_target: true"),
        [(1, 24), *_BOXES[1:]],
        Setting(_one_object),
    ),
    Case(
        "DetectionOutput refined",
        _detection("code_type: CENTER_SIZE", "loc conf prior certain shift"),
        [*_BOXES, (1, 4), (1, 8)],
        Setting(_one_object),
    ),
]
