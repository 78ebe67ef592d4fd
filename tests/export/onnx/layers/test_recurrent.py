"""Sequences: the batch is their second axis, and a file starts each run from zeros."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.export.opened import opened, with_inputs

OPTIONS = 'num_output: 3 weight_filler { type: "gaussian" std: 0.5 }'


@pytest.mark.parametrize("kind", ["LSTM", "RNN"])
def test_the_batch_is_the_second_axis(kind: str, tmp_path: Path) -> None:
    text = with_inputs(
        f'layer {{ name: "r" type: "{kind}" bottom: "x" bottom: "cont" top: "y" '
        f"recurrent_param {{ {OPTIONS} }} }}",
        {"x": (7, 2, 4), "cont": (7, 2)},
    )
    file = opened(text, tmp_path / "net.onnx")
    assert file.inputs == {"x": (7, "N", 4), "cont": (7, "N")}
    assert file.outputs == {"y": (7, "N", 3)}
    random = np.random.default_rng(1)
    for batch in (1, 5):
        shapes = file.shapes(batch)
        cont = random.integers(0, 2, size=shapes["cont"])
        cont[0] = 0
        arrays = {"x": random.normal(size=shapes["x"]), "cont": cont}
        file.check(arrays)
        np.testing.assert_array_equal(file.run(arrays)["y"], file.run(arrays)["y"])
