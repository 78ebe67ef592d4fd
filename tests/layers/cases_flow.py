"""Cases of the layers for optical flow and pose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from tests.layers.cases import Case, Setting


def _flow(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """A flow that leads between pixels, also outside."""
    return [random.normal(size=shapes[0]), random.uniform(-2.4, 2.4, size=shapes[1])]


def _correlation(options: str) -> str:
    ports = 'bottom: "a" bottom: "b" top: "y"'
    return f'layer {{ name: "c" type: "Correlation" {ports} correlation_param {{ {options} }} }}'


def _resample(options: str, bottoms: str = "x") -> str:
    ports = " ".join(f'bottom: "{name}"' for name in bottoms)
    return f'layer {{ name: "r" type: "Resample" {ports} top: "y" resample_param {{ {options} }} }}'


def _accum(options: str) -> str:
    ports = 'bottom: "a" bottom: "b" top: "y"'
    return f'layer {{ name: "c" type: "Accum" {ports} accum_param {{ {options} }} }}'


EXAMPLES = {"FlowWarp": Setting(bottoms=_flow)}
CASES = [
    Case(
        "Correlation of windows",
        _correlation("pad: 3 kernel_size: 3 max_displacement: 3 stride_1: 2 stride_2: 2"),
        [(2, 2, 7, 6)] * 2,
    ),
    Case(
        "Correlation by differences",
        _correlation("pad: 1 kernel_size: 1 max_displacement: 1 correlation_type: SUBTRACT"),
        [(1, 2, 4, 5)] * 2,
    ),
    Case("Resample nearest", _resample("width: 9 height: 2 type: NEAREST"), [(1, 2, 5, 4)]),
    Case("Resample cubic", _resample("factor: 1.7 type: CUBIC"), [(1, 2, 5, 4)]),
    Case("Resample cubic, smaller", _resample("factor: 0.5 type: CUBIC"), [(1, 1, 9, 7)]),
    Case(
        "Resample to another's size",
        _resample("antialias: false", "xs"),
        [(1, 2, 7, 8), (3, 1, 3, 2)],
    ),
    Case("Accum to a multiple", _accum("size_divisible_by: 4"), [(2, 1, 3, 2), (2, 2, 2, 5)]),
    Case("Accum of the greatest", _accum(""), [(1, 1, 3, 2), (1, 2, 2, 5)]),
    Case(
        "Downsample to another's size",
        'layer { name: "d" type: "Downsample" bottom: "x" bottom: "s" top: "y" }',
        [(1, 2, 7, 6), (3, 1, 4, 6)],
    ),
    Case(
        "DataAugmentation of a mean that is given",
        'layer { name: "d" type: "DataAugmentation" bottom: "x" top: "y"'
        " augmentation_param { mean_per_pixel: false mean: 1 mean: 2 mean: 3 } }",
        [(2, 3, 2, 2)],
    ),
    Case(
        "Correlation1D to both sides",
        _correlation("pad: 2 kernel_size: 3 max_displacement: 2 stride_1: 2").replace(
            '"Correlation"', '"Correlation1D"'
        ),
        [(2, 2, 5, 6)] * 2,
    ),
]
