"""Settings and variants of the loss of prototypes."""

from __future__ import annotations

from tests.layers.cases import Case, Setting, labels


def _text(options: str, tops: str = "") -> str:
    return (
        'layer { name: "loss" type: "PrototypicalLoss" bottom: "x" bottom: "label" top: "loss" '
        f"{tops} prototypical_loss_param {{ {options} }} }}"
    )


EXAMPLES = {"PrototypicalLoss": Setting(bottoms=labels(2))}

CASES = [
    Case(
        "PrototypicalLoss of two shots",
        _text("shots: 2 scale: 0.5", 'top: "accuracy"'),
        [(9, 2, 2), (9, 1)],
        Setting(bottoms=labels(2)),
    ),
    Case(
        "PrototypicalLoss of supports alone",
        _text("shots: 9"),
        [(5, 3), (5,)],
        Setting(bottoms=labels(2)),
    ),
]
