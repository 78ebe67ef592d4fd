"""Tile: order of the copies, tiles is needed."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str) -> LayerRun:
    text = (
        f'layer {{ name: "again" type: "Tile" bottom: "x" top: "y"\ntile_param {{ {options} }} }}'
    )
    return LayerRun(text, [np.arange(4.0).reshape(2, 2)])


def test_copies_stand_side_by_side() -> None:
    assert _run("tiles: 2").forward()[0].tolist() == [[0, 1, 0, 1], [2, 3, 2, 3]]
    assert _run("axis: 0 tiles: 2").forward()[0].tolist() == [[0, 1], [2, 3], [0, 1], [2, 3]]


@pytest.mark.parametrize(("options", "found"), [("", "no tiles"), ("tiles: 0", "tiles 0")])
def test_tiles_is_needed(options: str, found: str) -> None:
    with pytest.raises(UserError) as caught:
        _run(options)
    assert str(caught.value) == (
        f"test.prototxt:2: layer 'again' (Tile): {found}; tile_param.tiles says how often to "
        "repeat, 1 or more."
    )
