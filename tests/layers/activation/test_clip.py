"""Clip: ends of the range, and ranges that are none."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(options: str, x: list[float]) -> LayerRun:
    text = f'layer {{ name: "limit" type: "Clip" bottom: "x" top: "y"\n{options} }}'
    return LayerRun(text, [np.array(x)])


def test_ends_belong_to_the_range() -> None:
    run = _run("clip_param { min: -1 max: 2 }", [-3, -1, 0, 2, 5, np.nan])
    assert run.forward()[0][:5].tolist() == [-1, -1, 0, 2, 2]
    assert np.isnan(run.forward()[0][5])
    assert run.backward([np.ones(6)])[0].tolist() == [0, 1, 1, 1, 0, 0]  # type: ignore[union-attr]


def test_missing_range() -> None:
    with pytest.raises(UserError, match=r"'limit' \(Clip\): clip_param has no min; both ends"):
        _run("", [1])


def test_missing_end() -> None:
    with pytest.raises(UserError, match="max"):
        _run("clip_param { min: 0 }", [1])


def test_empty_range() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: .*min 1 is above max 0"):
        _run("clip_param { min: 1 max: 0 }", [1])
