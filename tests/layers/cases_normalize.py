"""Settings and variants of MVN, LRN, BatchNorm, Scale and Bias."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import Array
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.cases import Case, Setting

EXAMPLES = {"Scale": Setting(in_place=False)}


def _one(kind: str, options: str = "", top: str = "y", second: str = "") -> str:
    more = f'bottom: "{second}"' if second else ""
    return f'layer {{ name: "tried" type: "{kind}" bottom: "x" {more} top: "{top}" {options} }}'


def _state(random: np.random.Generator) -> list[Array | None]:
    """Three channels after several batches."""
    return [random.normal(size=3), random.uniform(1, 5, size=3), np.full(1, 2.5)]


def _state_and_ends(random: np.random.Generator) -> list[Array | None]:
    """The same with the factors and shifts of scale_bias."""
    return [*_state(random), random.uniform(1, 2, size=3), random.normal(size=3)]


_STORED = Setting(phase=pb.TEST, params=_state)
_ENDS = "batch_norm_param { scale_bias: true %s }"
_APART = Setting(in_place=False)

_LRN = [
    ("one channel", "local_size: 1 alpha: 2 beta: 0.5 k: 1.5", (2, 3, 2, 2)),
    ("wider than the channels", "local_size: 9 alpha: 0.7 k: 2", (2, 3, 1, 4)),
    ("many pixels", "local_size: 3 alpha: 0.5", (1, 4, 10, 20)),
    ("within", "local_size: 3 alpha: 2 k: 7 norm_region: WITHIN_CHANNEL", (2, 2, 4, 3)),
    ("within, wide", "local_size: 7 beta: 0.6 norm_region: WITHIN_CHANNEL", (1, 2, 3, 2)),
]
_BROADCAST = [
    ("2-D", "", (3, 4)),
    ("axis 0", "axis: 0", (3, 4, 2)),
    ("axis -1", "axis: -1", (3, 4, 2)),
    ("two axes", "num_axes: 2", (2, 3, 4, 2)),
    ("to the end", "num_axes: -1", (2, 3, 4)),
    ("one number", "num_axes: 0", (3, 4)),
    ("5-D", "axis: -3 num_axes: 2", (2, 1, 3, 2, 2)),
]
_SECOND = [
    ("vector", "", (3, 4, 2), (4,)),
    ("like the items", "num_axes: 7", (3, 4, 2), (4, 2)),
    ("whole", "axis: 0", (3, 2), (3, 2)),
    ("one number", "axis: 5", (3, 2), ()),
]

CASES = [
    Case("MVN mean only", _one("MVN", "mvn_param { normalize_variance: false }"), [(2, 3, 4)]),
    Case("MVN across", _one("MVN", "mvn_param { across_channels: true }"), [(2, 3, 2, 2)]),
    Case("MVN large eps", _one("MVN", "mvn_param { eps: 0.5 }"), [(2, 3, 2, 4)]),
    *(Case(f"LRN {name}", _one("LRN", f"lrn_param {{ {o} }}"), [s]) for name, o, s in _LRN),
    Case("BatchNorm 1-D", _one("BatchNorm"), [(6,)]),
    Case("BatchNorm 2-D", _one("BatchNorm", "batch_norm_param { eps: 0.1 }"), [(6, 3)]),
    Case("BatchNorm 5-D", _one("BatchNorm"), [(2, 3, 2, 1, 2)]),
    Case("BatchNorm stored", _one("BatchNorm"), [(2, 3, 2, 2)], _STORED),
    Case(
        "BatchNorm stored while training",
        _one("BatchNorm", "batch_norm_param { use_global_stats: true }"),
        [(4, 3)],
        Setting(params=_state),
    ),
    Case(
        "BatchNorm with ends",
        _one(
            "BatchNorm", _ENDS % 'scale_filler { type: "gaussian" } bias_filler { type: "xavier" }'
        ),
        [(4, 3, 2)],
    ),
    Case(
        "BatchNorm stored with ends",
        _one("BatchNorm", _ENDS % ""),
        [(2, 3, 2, 2)],
        Setting(phase=pb.TEST, params=_state_and_ends),
    ),
    Case(
        "BatchNorm stored with ends while training",
        _one("BatchNorm", _ENDS % "use_global_stats: true"),
        [(4, 3)],
        Setting(params=_state_and_ends),
    ),
    Case("BatchNorm 1-D with ends", _one("BatchNorm", _ENDS % ""), [(6,)], Setting(phase=pb.TEST)),
    Case(
        "BatchNorm of the batch while testing",
        _one("BatchNorm", "batch_norm_param { use_global_stats: false }"),
        [(4, 3)],
        Setting(phase=pb.TEST),
    ),
    *(
        Case(f"{kind} {name}", _one(kind, f"{kind.lower()}_param {{ {options} }}"), [shape], _APART)
        for kind in ("Scale", "Bias")
        for name, options, shape in _BROADCAST
    ),
    *(
        Case(
            f"{kind} by bottom, {name}",
            _one(kind, f"{kind.lower()}_param {{ {options} }}", second="s"),
            [large, small],
            _APART,
        )
        for kind in ("Scale", "Bias")
        for name, options, large, small in _SECOND
    ),
    Case("Scale in place", _one("Scale", "scale_param { bias_term: true }", top="x"), [(3, 4, 2)]),
    Case("Scale by bottom in place", _one("Scale", top="x", second="s"), [(3, 4, 2), (4, 2)]),
    Case(
        "Scale by bottom with bias",
        _one("Scale", "scale_param { bias_term: true }", second="s"),
        [(3, 4, 2), (4,)],
        _APART,
    ),
    Case("Bias by bottom in place", _one("Bias", top="x", second="b"), [(3, 4, 2), (4, 2)]),
]
