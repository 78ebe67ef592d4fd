"""Cases of the layers that pick, repeat, cut or join what is there."""

from __future__ import annotations

from tests.layers.cases import Case, Setting, labels

EXAMPLES = {"Embed": Setting(bottoms=labels(4)), "BatchReindex": Setting(bottoms=labels(3))}


def _one(kind: str, options: str, bottoms: str = 'bottom: "x"') -> str:
    return f'layer {{ name: "tried" type: "{kind}" {bottoms} top: "y" {options} }}'


def _reduce(operation: str, axis: int) -> str:
    return _one("Reduction", f"reduction_param {{ operation: {operation} axis: {axis} coeff: 2 }}")


_BOTH = 'bottom: "x" bottom: "reference"'

_SIZES = "crop_size: 0 crop_size: 2 crop_size: 1"

CASES = [
    *(
        Case(f"Reduction {operation} from axis {axis}", _reduce(operation, axis), [(2, 3, 4)])
        for operation in ("SUM", "ASUM", "SUMSQ", "MEAN")
        for axis in (0, -1)
    ),
    Case("Reduction of one number", _one("Reduction", ""), [()]),
    Case("Tile rows", _one("Tile", "tile_param { axis: 0 tiles: 3 }"), [(2, 3)]),
    Case("Tile the last axis", _one("Tile", "tile_param { axis: -1 tiles: 2 }"), [(2, 3)]),
    Case("Tile once", _one("Tile", "tile_param { tiles: 1 }"), [(2, 3)]),
    Case(
        "Crop three axes by one offset",
        _one("Crop", "crop_param { axis: -3 offset: 1 }", _BOTH),
        [(2, 3, 4, 5), (9, 2, 3, 1)],
    ),
    Case("Crop without offset", _one("Crop", "", _BOTH), [(2, 3, 4, 5), (1, 1, 3, 5)]),
    Case(
        "CropCenter of channels, too",
        _one("CropCenter", f"crop_center_param {{ {_SIZES} }}", 'bottom: "x"'),
        [(4, 5, 3)],
    ),
    Case("ArgMax values", _one("ArgMax", "argmax_param { out_max_val: true }"), [(2, 3, 4)]),
    Case("ArgMax on an axis", _one("ArgMax", "argmax_param { axis: 1 top_k: 2 }"), [(2, 3, 4)]),
    Case(
        "ArgMax values on an axis",
        _one("ArgMax", "argmax_param { axis: -2 top_k: 3 out_max_val: true }"),
        [(2, 3, 4)],
    ),
    Case(
        "Embed without bias",
        _one("Embed", "embed_param { input_dim: 3 num_output: 2 bias_term: false }"),
        [(7,)],
        Setting(bottoms=labels(3)),
    ),
    Case(
        "BatchReindex of images",
        _one("BatchReindex", "", 'bottom: "x" bottom: "index"'),
        [(4, 2, 3), (6,)],
        Setting(bottoms=labels(4)),
    ),
    Case(
        "Parameter of one number",
        'layer { name: "p" type: "Parameter" top: "y" parameter_param { shape { } } }',
        [],
    ),
]
