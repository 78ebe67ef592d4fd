"""Parameter: starts at zero, needs a shape."""

from __future__ import annotations

import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def test_starts_at_zero() -> None:
    text = 'layer { name: "p" type: "Parameter" top: "y" parameter_param { shape { dim: 2 } } }'
    assert LayerRun(text, []).forward()[0].tolist() == [0, 0]


@pytest.mark.parametrize(("options", "found"), [("", "no shape"), ("shape { dim: 0 }", "(0,)")])
def test_needs_a_shape(options: str, found: str) -> None:
    text = f'layer {{ name: "p" type: "Parameter" top: "y"\nparameter_param {{ {options} }} }}'
    with pytest.raises(UserError) as caught:
        LayerRun(text, [])
    assert str(caught.value) == (
        f"test.prototxt:2: layer 'p' (Parameter): {found.replace('(', 'shape (')}; "
        "parameter_param.shape gives the size of the array, each dim 1 or more."
    )
