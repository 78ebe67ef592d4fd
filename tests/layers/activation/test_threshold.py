"""Threshold: strictly above."""

from __future__ import annotations

import numpy as np

from tests.layers.harness import LayerRun


def test_equal_is_not_above() -> None:
    text = """layer { name: "t" type: "Threshold" bottom: "x" top: "y"
              threshold_param { threshold: 0.5 } }"""
    run = LayerRun(text, [np.array([0.4, 0.5, 0.6, np.nan])])
    assert run.forward()[0].tolist() == [0, 0, 1, 0]
