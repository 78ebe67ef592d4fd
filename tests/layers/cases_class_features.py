"""Cases of what trains features by their classes.

Gradients are held against their own rules in tests/layers/loss/test_center_loss.py and
tests/layers/common/test_margin_inner_product.py: they are no derivatives of the forward.
"""

from __future__ import annotations

from tests.layers.cases import Case, Setting, labels

_CLASSES = Setting(bottoms=labels(3), gradient=False)
EXAMPLES = {"CenterLoss": _CLASSES, "MarginInnerProduct": _CLASSES}


def _margin(options: str, label: bool = True, tops: str = 'top: "y"') -> str:
    ports = f'bottom: "x" {"bottom: " + chr(34) + "l" + chr(34) if label else ""} {tops}'
    return (
        f'layer {{ name: "m" type: "MarginInnerProduct" {ports} '
        f"margin_inner_product_param {{ num_output: 3 {options} }} }}"
    )


CASES = [
    Case(
        "CenterLoss of many axes",
        'layer { name: "c" type: "CenterLoss" bottom: "x" bottom: "l" top: "loss" '
        "center_loss_param { num_output: 3 axis: 2 } }",
        [(2, 3, 2, 2), (2, 3)],
        _CLASSES,
    ),
    *(
        Case(f"MarginInnerProduct {kind}", _margin(f"type: {kind}"), [(6, 4), (6, 1)], _CLASSES)
        for kind in ("SINGLE", "DOUBLE", "TRIPLE")
    ),
    Case(
        "MarginInnerProduct tells lambda",
        _margin("type: DOUBLE axis: 2 base: 10 power: 0.5 gamma: 3", tops='top: "y" top: "lambda"'),
        [(2, 3, 4), (2, 3)],
        _CLASSES,
    ),
    Case(
        "MarginInnerProduct without labels",
        _margin("type: TRIPLE", label=False),
        [(4, 2, 3)],
        Setting(gradient=False),
    ),
]
