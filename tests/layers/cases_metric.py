"""Settings and variants of the contrastive and triplet losses and of the centroid layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.cases import Case, Setting, labels

# Caffe adds 1e-4 to the distance in the gradient of dissimilar pairs, so that it is off by that.
NEAR = 3e-4


def pairs(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Close rows a and b; flags or labels of which half are similar; centroids if asked for."""
    a = random.normal(size=shapes[0])
    made = [a, a + 0.6 * random.normal(size=shapes[1])]
    table = np.zeros(shapes[2])
    table.reshape(len(table), -1)[::2, 0] = 1
    if table.size > len(table):
        table.reshape(len(table), -1)[::4, 1] = 1
    return [*made, table, *(random.normal(size=shape) for shape in shapes[3:])]


def in_part(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Close rows a and b; similarities from 0 to 1, both among them."""
    a, b, table = pairs(shapes, random)
    share = random.uniform(0, 1, size=table.shape)
    share[:1], share[-1:] = 0, 1
    return [a, b, share]


def two_labels(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Close rows a and b; labels of both, of which some are equal."""
    a, b, _ = pairs(shapes[:3], random)
    return [a, b, *(random.integers(0, 3, size=shape).astype(float) for shape in shapes[2:])]


def _contrastive(options: str, bottoms: str = "", tops: str = "") -> str:
    return (
        'layer { name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "sim" '
        f'{bottoms} top: "loss" {tops} contrastive_loss_param {{ {options} }} }}'
    )


def _decode(options: str, tops: str = "", bottoms: str = 'bottom: "sim"') -> str:
    return (
        f'layer {{ name: "decode1" type: "Decode" bottom: "feat" {bottoms} top: "decode1" {tops} '
        f"decode_param {{ {options} }} }}"
    )


def known_state(random: np.random.Generator) -> list[Array | None]:
    """Centroids of three labels with three features, all complete."""
    return [random.normal(size=(3, 3, 1, 1)), np.ones((3, 1, 1, 1)), np.full((3, 1, 1, 1), 9.0)]


EXAMPLES = {
    "ContrastiveLoss": Setting(bottoms=pairs, tolerance=NEAR),
    "Decode": Setting(bottoms=labels(3)),
    "AccuracyEncoding": Setting(bottoms=labels(3), phase=pb.TEST),
    "AccuracyDecode": Setting(bottoms=labels(3), phase=pb.TEST),
}

_FLAGS = [(8, 3), (8, 3), (8, 1)]
_LABELS = [(8, 3), (8, 3), (8, 2)]
_CENTROIDS = [*_LABELS, (2, 3, 1, 1)]
_FORMS = (
    "legacy_version: true margin: 2",
    "distance_calculation: MANHATTAN margin: 2",
    "distance_calculation: MANHATTAN matching_distance_scale: 2.5 margin: 2",
    "matching_distance_scale: 0.5 margin: 2",
)
_SOFT = (
    "margin: 2",
    "legacy_version: true margin: 3 matching_distance_scale: 2.5",
    "distance_calculation: MANHATTAN margin: 3",
)
_LEARNING = ("NONE", "MATCHING", "NONMATCHING", "ALL")

CASES = [
    *(
        Case(f"ContrastiveLoss {form}", _contrastive(form), _FLAGS, Setting(pairs, tolerance=NEAR))
        for form in _FORMS
    ),
    *(
        Case(
            f"ContrastiveLoss soft {form}",
            _contrastive(f"soft_labels: true {form}", tops='top: "match"'),
            _FLAGS,
            Setting(in_part, tolerance=NEAR),
        )
        for form in _SOFT
    ),
    Case(
        "ContrastiveLoss labels in two bottoms",
        _contrastive("margin: 2", 'bottom: "sim_p"'),
        [(8, 3), (8, 3), (8,), (8, 1)],
        Setting(two_labels, tolerance=NEAR),
    ),
    *(
        Case(
            f"ContrastiveLoss learning {learning}",
            _contrastive(
                f"centroid_learning: {learning} matching_distance_scale: 1.5 margin: 3",
                'bottom: "centroids"',
                'top: "match"',
            ),
            _CENTROIDS,
            Setting(pairs, tolerance=NEAR),
        )
        for learning in _LEARNING
    ),
    *(
        Case(
            f"Decode {target} in {name}",
            _decode(f"target: {target} label_count: 3 cache_size: 2 k: 2", 'top: "centroids"'),
            [(4, 3), (4, 2)],
            Setting(bottoms=labels(3), phase=phase),
        )
        for target in ("CENTROID", "KNN", "PREGEN")
        for name, phase in (("TRAIN", pb.TRAIN), ("TEST", pb.TEST))
    ),
    Case(
        "Decode one bottom",
        _decode("label_count: 3", bottoms=""),
        [(4, 3)],
        Setting(phase=pb.TEST, params=known_state),
    ),
    Case(
        "AccuracyEncoding with centroids",
        'layer { name: "a" type: "AccuracyEncoding" bottom: "feat" bottom: "label" top: "a" }',
        [(4, 3), (4,)],
        Setting(labels(3), phase=pb.TEST, label_counts=(0, 3), params=known_state),
    ),
]
