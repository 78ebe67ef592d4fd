"""Cases of the layers that feed, cut, join and reshape."""

from __future__ import annotations

from tests.layers.cases import Case, Setting

EXAMPLES = {"Input": Setting(fed=True)}


def _one(name: str, type_: str, tops: int, bottoms: int, options: str) -> str:
    ports = "".join(f' bottom: "x{k}"' for k in range(bottoms))
    ports += "".join(f' top: "y{k}"' for k in range(tops))
    return f'layer {{ name: "{name}" type: "{type_}"{ports} {options} }}'


CASES = [
    Case(
        "Slice points",
        _one("s", "Slice", 3, 1, "slice_param { axis: -1 slice_point: 1 slice_point: 4 }"),
        [(2, 3, 6)],
    ),
    Case("Slice equal", _one("s", "Slice", 2, 1, "slice_param { slice_dim: 0 }"), [(4, 3)]),
    Case("Slice one top", _one("s", "Slice", 1, 1, ""), [(2, 3)]),
    Case("Concat one bottom", _one("c", "Concat", 1, 1, ""), [(2, 3)]),
    Case(
        "Concat axis 0",
        _one("c", "Concat", 1, 3, "concat_param { axis: 0 }"),
        [(1, 3), (2, 3), (4, 3)],
    ),
    Case("Split three ways", _one("s", "Split", 3, 1, ""), [(2, 3)]),
    Case(
        "Flatten middle",
        _one("f", "Flatten", 1, 1, "flatten_param { axis: 1 end_axis: -2 }"),
        [(2, 3, 4, 2)],
    ),
    Case(
        "Reshape middle",
        _one(
            "r",
            "Reshape",
            1,
            1,
            "reshape_param { axis: 1 num_axes: 1 shape { dim: 2 dim: -1 } }",
        ),
        [(2, 6, 3)],
    ),
    Case(
        "Eltwise product",
        _one("e", "Eltwise", 1, 3, "eltwise_param { operation: PROD }"),
        [(2, 3)] * 3,
    ),
    Case("Eltwise sum", _one("e", "Eltwise", 1, 3, ""), [(2, 3)] * 3),
    Case(
        "Eltwise maximum",
        _one("e", "Eltwise", 1, 3, "eltwise_param { operation: MAX }"),
        [(2, 3)] * 3,
    ),
]
