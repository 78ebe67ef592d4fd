"""Settings and variants of the layers of nets that classify or label pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.cases import Case, Setting


def _places(length: int) -> Setting:
    """Normal values, and for each of a plane another place below `length`."""

    def make(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
        places = np.empty(shapes[1])
        for plane in places.reshape(-1, shapes[1][2] * shapes[1][3]):
            plane[...] = random.choice(length, plane.size, replace=False)
        return [random.normal(size=shapes[0]), places]

    return Setting(bottoms=make)


def _one(kind: str, options: str = "", bottoms: int = 1, tops: int = 1) -> str:
    ports = "".join(f' bottom: "x{k}"' for k in range(bottoms))
    ports += "".join(f' top: "y{k}"' for k in range(tops))
    return f'layer {{ name: "l" type: "{kind}"{ports} {options} }}'


def _stored(random: np.random.Generator) -> list[Array | None]:
    """Normal factors, shifts and means, and variances above 0, of three channels."""
    few = (1, 3, 1, 1)
    normal: list[Array | None] = [random.normal(size=few) for _ in range(3)]
    return [*normal, random.uniform(0.5, 2, size=few)]


_SEGNET = 'bn_param { scale_filler { type: "constant" value: 1 } }'
_TEST = Setting(phase=pb.TEST, params=_stored)
EXAMPLES = {"Upsample": _places(20)}
CASES = [
    Case("Axpy short factors", _one("Axpy", bottoms=3), [(2, 3), (2, 3, 2, 2), (2, 3, 2, 2)]),
    Case("Axpy tables", _one("Axpy", bottoms=3), [(2, 3), (2, 3), (2, 3)]),
    Case(
        "ShuffleChannel thirds",
        _one("ShuffleChannel", "shuffle_channel_param { group: 3 }"),
        [(2, 12)],
    ),
    Case("ShuffleChannel one group", _one("ShuffleChannel"), [(2, 5, 3)]),
    *(
        Case(f"Interp {name}", _one("Interp", f"interp_param {{ {options} }}"), [(2, 2, 5, 4)])
        for name, options in {
            "zoom": "zoom_factor: 3",
            "shrink": "shrink_factor: 2",
            "both": "shrink_factor: 2 zoom_factor: 3",
            "size before both": "height: 2 width: 9 shrink_factor: 2 zoom_factor: 3",
            "zoom before size": "height: 2 width: 9 zoom_factor: 2",
            "cut": "height: 6 width: 1 pad_beg: -1 pad_end: -2",
            "same": "height: 5 width: 4",
            "to a point": "height: 1 width: 1",
        }.items()
    ),
    Case("Interp as another", _one("Interp", bottoms=2), [(2, 2, 1, 3), (1, 1, 4, 5)]),
    *(
        Case(
            f"Upsample {name}",
            _one("Upsample", f"upsample_param {{ {options} }}", 2),
            [(2, 2, 3, 2)] * 2,
            _places(24 if "pad" not in name else 15),
        )
        for name, options in {
            "plain": "",
            "apart": "scale_h: 2 scale_w: 4",
            "padded": "pad_out_h: true pad_out_w: true",
        }.items()
    ),
    Case("Upsample nearest", _one("Upsample", "upsample_param { scale: 3 }"), [(2, 2, 2, 3)]),
    Case("Upsample nearest once", _one("Upsample"), [(2, 2, 2, 3)]),
    Case("BN stored", _one("BN", "bn_param { eps: 0.1 }"), [(2, 3, 2, 2)], _TEST),
    Case(
        "BN frozen",
        _one("BN", "bn_param { frozen: true }"),
        [(2, 3, 2, 2)],
        Setting(params=_stored),
    ),
    Case("BN tables", _one("BN", "bn_param { momentum: 0.5 }"), [(4, 3)]),
    Case("BN SegNet", _one("BN", "bn_param { bn_mode: LEARN }"), [(3, 4, 2, 2)]),
    Case("BN SegNet in TEST", _one("BN", _SEGNET), [(3, 4, 2, 2)], Setting(phase=pb.TEST)),
    Case("BN SegNet tops", _one("BN", tops=3), [(3, 4, 2, 2)]),
    Case("BN SegNet two tops", _one("BN", _SEGNET, tops=2), [(3, 4, 2, 2)]),
    Case("BN SegNet inference", _one("BN", "bn_param { bn_mode: INFERENCE }"), [(3, 4, 2, 2)]),
]
