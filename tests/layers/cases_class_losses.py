"""Cases of the losses of class scores other than SoftmaxWithLoss."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.cases import Case, Setting, labels


def _labels_and_matrix(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    x, label, h = shapes
    chosen = random.integers(0, x[1], size=label).astype(np.float64)
    return [random.normal(size=x), chosen, random.uniform(size=h)]


def _probabilities(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    p = random.uniform(0.2, 1, size=shapes[0])
    return [p, random.integers(0, shapes[0][1], size=shapes[1]).astype(np.float64)]


def _targets(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Fractions, some of them 1 or more."""
    return [random.normal(scale=3, size=shapes[0]), random.uniform(0, 1.5, size=shapes[1])]


def _write_matrix(folder: Path) -> None:
    values = np.random.default_rng(1).uniform(size=9)
    blob = pb.BlobProto(num=1, channels=1, height=3, width=3, data=values)
    (folder / "H.binaryproto").write_bytes(blob.SerializeToString())


EXAMPLES = {
    "HingeLoss": Setting(bottoms=labels(4)),
    "InfogainLoss": Setting(bottoms=_labels_and_matrix),
    "MultinomialLogisticLoss": Setting(bottoms=_probabilities),
    "SigmoidCrossEntropyLoss": Setting(bottoms=_targets),
}


def _loss(kind: str, options: str, further: str = "") -> str:
    return (
        f'layer {{ name: "tried" type: "{kind}" bottom: "x" bottom: "label" top: "loss" '
        f"{further} {options} }}"
    )


_MODES = ("FULL", "VALID", "BATCH_SIZE", "NONE")
_SOURCE = 'infogain_loss_param { source: "H.binaryproto" }'

CASES = [
    Case("HingeLoss L1", _loss("HingeLoss", ""), [(3, 2, 2), (3, 1)], Setting(bottoms=labels(4))),
    *(
        Case(
            f"SigmoidCrossEntropyLoss {mode}",
            _loss(
                "SigmoidCrossEntropyLoss",
                f"loss_param {{ normalization: {mode} ignore_label: 1 }}",
            ),
            [(3, 4), (3, 2, 2)],
            Setting(bottoms=_targets),
        )
        for mode in _MODES
    ),
    *(
        Case(
            f"InfogainLoss {mode}",
            _loss(
                "InfogainLoss",
                f"loss_param {{ normalization: {mode} ignore_label: 1 }}",
                'bottom: "H"',
            ),
            [(2, 3, 2, 2), (2, 1, 2, 2), (1, 1, 3, 3)],
            Setting(bottoms=_labels_and_matrix),
        )
        for mode in _MODES
    ),
    Case(
        "InfogainLoss with a file and probabilities",
        _loss("InfogainLoss", _SOURCE, 'top: "p"'),
        [(4, 3), (4,)],
        Setting(bottoms=labels(3), prepare=_write_matrix),
    ),
]
