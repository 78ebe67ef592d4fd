"""Outputs and gradients of every recorded case, against what a real Caffe computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text_file

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(p.parent.name for p in GOLDEN.glob("*/arrays.npz"))


def test_all_cases_are_there() -> None:
    assert len(CASES) == 76


Array = np.ndarray[Any, Any]


def _close(found: Array, wanted: Array, what: str, summands: float = 0) -> None:
    """Within 1e-4 of the array's largest magnitude: float order differs between programs.

    `summands` is the size of what was added up, where the sum itself may cancel to nothing.
    """
    scale = max(float(np.abs(wanted).max(initial=0)), summands, 1e-6)
    worst = float(np.abs(found.reshape(wanted.shape) - wanted).max(initial=0))
    assert worst <= 1e-4 * scale, f"{what}: off by {worst:g} where values reach {scale:g}"


def _key(name: str) -> str:
    """Our key of the parameter recorded as <layer>_<index>."""
    layer, _, index = name.rpartition("_")
    return f"{layer}[{index}]"


@pytest.mark.parametrize("passes", [(), ALL_PASSES], ids=["plain", "optimised"])
@pytest.mark.parametrize("case", CASES)
def test_case(case: str, passes: tuple[str, ...]) -> None:
    folder = GOLDEN / case
    meta = json.loads((folder / "meta.json").read_text())
    arrays = dict(np.load(folder / "arrays.npz"))
    parsed = read_text_file(folder / "net.prototxt", pb.NetParameter)
    state = State(pb.Phase.Value(meta["phase"]))
    net = Net(compile_net(NetText(parsed.message, parsed.locations, state), passes=passes))
    for name, array in arrays.items():
        kind, _, rest = name.partition("_")
        if kind == "in":
            net.feed({rest: array})
        elif kind == "param" and not rest.startswith("after_"):
            values = net.params.values[_key(rest)]
            values[...] = array.reshape(values.shape)
    net.forward()
    for name, array in arrays.items():
        kind, _, rest = name.partition("_")
        if kind in ("out", "mid"):
            _close(net.blob(rest), array, name)
        elif kind == "topdiff" and rest in net.diffs:
            net.diffs[rest][...] = array
    if not meta["backward"]:
        return
    net.backward()
    for name, array in arrays.items():
        kind, _, rest = name.partition("_")
        if (kind == "indiff" or (kind == "middiff" and not passes)) and rest in net.diffs:
            _close(net.diffs[rest], array, name)
        elif kind == "paramdiff" or name.startswith("param_after_"):
            key = _key(rest.removeprefix("after_"))
            found = net.params.gradients[key] if kind == "paramdiff" else net.params.values[key]
            first = arrays.get(f"{name.rpartition('_')[0]}_0", array)
            _close(found, array, name, summands=float(np.abs(first).max(initial=0)))
