"""Settings and variants of the layers that MyCaffe adds for metric learning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.cases import Case, Setting, labels

_MINING = ("BATCH_ALL", "BATCH_HARD", "BATCH_SEMIHARD")
_ROWS = [(6, 4), (6, 4), (6, 4)]


def encodings(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Values 0-1, as a Sigmoid makes them."""
    return [random.uniform(size=shape) for shape in shapes]


def labelled(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Values 0-1, and labels 0, 1, 2, 0, 1, 2, ..."""
    return [*encodings(shapes[:-1], random), np.indices(shapes[-1])[0] % 3.0]


def two_labels(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Normal numbers, and labels 0, 1, 0, 1, ..."""
    return [random.normal(size=shapes[0]), np.indices(shapes[1])[0] % 2.0]


def remembered(random: np.random.Generator) -> list[Array | None]:
    """What KNN has seen: two batches of four, of three classes."""
    batches = [(random.normal(size=(4, 3)), np.array([0.0, 1, 2, i])) for i in range(2)]
    return [np.full((1, 1, 1, 1), 2.0), *(array for batch in batches for array in batch)]


def _triplet(options: str, bottoms: str = 'bottom: "a" bottom: "p" bottom: "n"') -> str:
    return (
        f'layer {{ name: "loss" type: "TripletLoss" {bottoms} top: "loss" '
        f"triplet_loss_param {{ {options} }} }}"
    )


def _one(kind: str, options: str = "") -> str:
    return f'layer {{ name: "tried" type: "{kind}" bottom: "x" top: "y" {options} }}'


def _sequence(options: str, tops: int) -> str:
    names = " ".join(f'top: "t{number}"' for number in range(tops))
    return (
        f'layer {{ name: "s" type: "Data_Sequence" bottom: "x" bottom: "label" {names} '
        f"data_sequence_param {{ label_count: 2 {options} }} }}"
    )


EXAMPLES = {
    # Backward turns gradients round, which no difference of forward shows.
    "GradientScaler": Setting(gradient=False),
    "DataSequence": Setting(bottoms=two_labels),
    "KNN": Setting(bottoms=labels(3), phase=pb.TEST, params=remembered),
    "LabelMapping": Setting(bottoms=labels(10)),
}

_FORMS = [
    f"{variant} squared: {squared}"
    for variant in ("margin: 0.4", "variant: LOSSLESS", "variant: LOSSLESS beta: 5 epsilon: 0.01")
    for squared in ("true", "false")
]

CASES = [
    *(Case(f"TripletLoss {form}", _triplet(form), _ROWS, Setting(encodings)) for form in _FORMS),
    Case(
        "TripletLoss with labels",
        _triplet("alpha: 0.4", 'bottom: "a" bottom: "p" bottom: "n" bottom: "lbl"'),
        [*_ROWS, (6, 3)],
        Setting(labelled),
    ),
    *(
        Case(
            f"TripletLoss {mining} {form}",
            _triplet(f"mining: {mining} {form}", 'bottom: "x" bottom: "label"'),
            [(9, 2, 2), (9, 1)],
            Setting(labelled),
        )
        for mining in _MINING
        for form in _FORMS
    ),
    Case(
        "TripletLoss BATCH_ALL of one label",
        _triplet("mining: BATCH_ALL", 'bottom: "x" bottom: "label"'),
        [(4, 3), (4,)],
        Setting(labels(1)),
    ),
    Case(
        "DataSequence pairs",
        _sequence("cache_size: 3", 3),
        [(6, 2, 2), (6, 1)],
        Setting(two_labels),
    ),
    Case(
        "DataSequence without labels",
        _sequence("k: 2 output_labels: false balance_matches: false", 4),
        [(6, 3), (6,)],
        Setting(two_labels),
    ),
    Case(
        "KNN learning",
        _one("KNN").replace("top:", 'bottom: "l" top:'),
        [(4, 3), (4,)],
        Setting(labels(3)),
    ),
    Case("KNN without memory", _one("KNN"), [(4, 3)], Setting(phase=pb.RUN)),
    Case(
        "Normalization1 L1", _one("Normalization1", "normalization_param { norm: L1 }"), [(3, 2, 4)]
    ),
    Case("LayerNorm 2-D", _one("LayerNorm", "layer_norm_param { epsilon: 0.1 }"), [(3, 5)]),
    Case("LayerNorm 4-D", _one("LayerNorm"), [(2, 3, 2, 4)]),
    Case(
        "Transpose 4-D", _one("Transpose", "transpose_param { dim: [3, 0, 2, 1] }"), [(2, 3, 4, 5)]
    ),
    Case(
        "Transpose and drop", _one("Transpose", "transpose_param { dim: [1, 0] }"), [(2, 3, 1, 1)]
    ),
    Case("Transpose defaults", _one("Transpose"), [(2, 3, 1, 2)]),
    Case("Mish with threshold", _one("MISH", "mish_param { threshold: 0.5 }"), [(3, 4)]),
    Case("GELU by tanh", _one("GELU", "gelu_param { enable_bert_version: true }"), [(3, 4)]),
    Case(
        "Constant of all values",
        'layer { name: "c" type: "Constant" top: "y"'
        " constant_param { output_shape { dim: 1 dim: 2 } valuef: 1.5 valuef: 2.5 } }",
        (),
    ),
]
