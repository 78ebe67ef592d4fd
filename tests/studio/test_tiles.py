"""Windows of counters are drawn as lines in the units of the counters."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.evaluate.answers import Answers
from mycaffe_py.studio import tiles


def test_windows_are_lines_of_their_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    counters = {
        "names": ["rx", "tx"], "units": ["", ""], "means": [0.0, 0.0], "deviations": [1.0, 1.0],
        "steps": 3, "step_s": 1.0, "time_column": "time",
    }  # fmt: skip
    values = np.arange(12, dtype=np.float32).reshape(2, 1, 3, 2) / 10
    source = make_source("LINK.testing", values, np.array([0, 1]))
    object.__setattr__(source, "counters", json.dumps(counters))
    monkeypatch.setattr(tiles, "opened", lambda name: source)
    none = np.empty(0, np.int64)
    answers = Answers("LINK.testing", "old", none, none, none, none, np.empty((0, 0), np.float32))
    found = tiles.drawing(answers, [1])
    assert found["counters"] == ["rx", "tx"]
    assert found["lines"] == [
        [pytest.approx(np.expm1([0.6, 0.8, 1.0])), pytest.approx(np.expm1([0.7, 0.9, 1.1]))]
    ]
    assert found["changed"]
