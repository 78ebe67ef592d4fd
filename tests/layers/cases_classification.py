"""Settings and variants of activations, softmax, its loss, accuracy and EuclideanLoss."""

from __future__ import annotations

from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.cases import Case, Setting, labels

EXAMPLES = {
    "SoftmaxWithLoss": Setting(bottoms=labels(4)),
    "Accuracy": Setting(bottoms=labels(4)),
}


def _one(kind: str, options: str, tops: str = 'top: "y"', bottoms: str = 'bottom: "x"') -> str:
    return f'layer {{ name: "tried" type: "{kind}" {bottoms} {tops} {options} }}'


def _loss(options: str, tops: str = 'top: "loss"') -> str:
    return _one("SoftmaxWithLoss", options, tops, 'bottom: "x" bottom: "label"')


_SPATIAL = [(2, 3, 2, 2), (2, 1, 2, 2)]
_MODES = ("FULL", "VALID", "BATCH_SIZE", "NONE")

CASES = [
    Case("ReLU without slope", _one("ReLU", ""), [(3, 4)]),
    Case("Dropout in TEST", _one("Dropout", ""), [(3, 4)], Setting(phase=pb.TEST)),
    Case(
        "Dropout that scales in TEST",
        _one("Dropout", "dropout_param { dropout_ratio: 0.3 scale_train: false }"),
        [(3, 4)],
        Setting(phase=pb.TEST),
    ),
    Case(
        "Dropout that drops in TEST",
        _one("Dropout", "dropout_param { dropout_ratio: 0.3 sample_weights_test: true }"),
        [(3, 4)],
        Setting(phase=pb.TEST),
    ),
    Case(
        "Dropout that does not scale in TRAIN",
        _one("Dropout", "dropout_param { dropout_ratio: 0.3 scale_train: false }"),
        [(3, 4)],
    ),
    Case("Softmax over channels", _one("Softmax", ""), [(2, 3, 2, 2)]),
    Case("Softmax over the last axis", _one("Softmax", "softmax_param { axis: -1 }"), [(2, 3, 4)]),
    *(
        Case(
            f"SoftmaxWithLoss {mode}",
            _loss(f"loss_param {{ normalization: {mode} ignore_label: 1 }}"),
            _SPATIAL,
            Setting(bottoms=labels(3)),
        )
        for mode in _MODES
    ),
    Case(
        "SoftmaxWithLoss with weights of classes",
        _loss(
            "loss_param { ignore_label: 1 weight_by_label_freqs: true class_weighting: 0.5 "
            "class_weighting: 3 class_weighting: 2 }"
        ),
        _SPATIAL,
        Setting(bottoms=labels(3)),
    ),
    Case(
        "SoftmaxWithLoss with probabilities, axis 2",
        _loss("softmax_param { axis: 2 }", 'top: "loss" top: "probabilities"'),
        [(2, 3, 4), (2, 3)],
        Setting(bottoms=labels(4)),
    ),
    Case(
        "Accuracy per class",
        _one(
            "Accuracy",
            "accuracy_param { top_k: 2 ignore_label: 1 }",
            'top: "all" top: "each"',
            'bottom: "x" bottom: "label"',
        ),
        _SPATIAL,
        Setting(bottoms=labels(3)),
    ),
]
