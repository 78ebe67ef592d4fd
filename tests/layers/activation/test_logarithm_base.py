"""Exp and Log: bases, and what no base can be."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun


def _run(kind: str, options: str, x: float) -> float:
    field = f"{kind.lower()}_param"
    text = f'layer {{ name: "l" type: "{kind}" bottom: "x" top: "y"\n{field} {{ {options} }} }}'
    return float(LayerRun(text, [np.array([x])]).forward()[0][0])


def test_bases() -> None:
    assert _run("Exp", "", 2) == pytest.approx(np.exp(2))
    assert _run("Exp", "base: 10 scale: 0.5 shift: 1", 4) == pytest.approx(1000)
    assert _run("Log", "", np.exp(3)) == pytest.approx(3)
    assert _run("Log", "base: 10 scale: 2 shift: 80", 10) == pytest.approx(2)


@pytest.mark.parametrize("kind", ["Exp", "Log"])
@pytest.mark.parametrize("base", ["0", "-2", "inf", "nan"])
def test_base_out_of_range(kind: str, base: str) -> None:
    with pytest.raises(UserError, match=r"^test.prototxt:2: .*base must be above 0 and finite"):
        _run(kind, f"base: {base}", 1)


def test_base_one() -> None:
    assert _run("Exp", "base: 1", 5) == 1
    with pytest.raises(UserError, match=r"base 1; no power of 1 is another number"):
        _run("Log", "base: 1", 1)


def test_values_outside_are_seen_not_hidden() -> None:
    assert _run("Log", "", 0) == -np.inf
    assert np.isnan(_run("Log", "", -1))
    assert _run("Exp", "", 1e4) == np.inf


def test_exp_shift_beyond_all_numbers() -> None:
    with pytest.raises(UserError, match=r"test.prototxt:2: .*shift 1e\+09; base\^shift is beyond"):
        _run("Exp", "shift: 1e9", 0)
