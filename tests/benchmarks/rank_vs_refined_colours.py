"""Coloured shapes for tests.benchmarks.rank_vs_refined, and a small residual net as their base.

A class is a shape in a colour. Five shapes in four colours are twenty classes; the base learns ten
of them, such that every shape and every colour is among both halves, and the heads get the others.
"""

from __future__ import annotations

import colorsys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from mycaffe_py.random_streams import stream

SIDE = 32
EACH = 400
_DRAWN = 4  # times as large, then made smaller: edges are smooth
_SHAPES = ("ring", "triangle", "square", "star", "cross")
_HUES = {"red": 0.0, "green": 0.3, "blue": 0.6, "purple": 0.8}
_HUE_SD, _NOISE_SD = 0.045, 22.0
_STRIPES = 3

LEARNED = tuple(
    f"{hue}_{shape}"
    for row, hue in enumerate(_HUES)
    for column, shape in enumerate(_SHAPES)
    if (row + column) % 2 == 0
)
ASKED = tuple(
    name for hue in _HUES for shape in _SHAPES if (name := f"{hue}_{shape}") not in LEARNED
)


def _outline(shape: str) -> list[tuple[float, float]]:
    """Corners around (0, 0), the farthest at distance 1."""
    if shape == "cross":
        thin, far = 0.3, 0.95
        quarter = [(thin, thin), (thin, far), (-thin, far)]
    else:
        corners = {"triangle": 3, "square": 4, "star": 10}[shape]
        radius = [1.0, 0.45] if shape == "star" else [1.0]
        turns = 2 * np.pi * np.arange(corners) / corners
        return [
            (radius[i % len(radius)] * np.cos(t), radius[i % len(radius)] * np.sin(t))
            for i, t in enumerate(turns)
        ]
    points = []
    for _ in range(4):
        points += quarter
        quarter = [(-y, x) for x, y in quarter]
    return points


def _colour(numbers: np.random.Generator, hue: float) -> tuple[int, ...]:
    saturation, value = numbers.uniform(0.45, 1), numbers.uniform(0.45, 1)
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def drawn(name: str, number: int) -> Image.Image:
    """Picture `number` of the class `name`: SIDE x SIDE, RGB."""
    hue, shape = name.split("_")
    numbers = stream(1, f"coloured shapes/{name}", number)
    side = SIDE * _DRAWN
    picture = Image.new("RGB", (side, side), _colour(numbers, numbers.uniform()))
    pen = ImageDraw.Draw(picture)
    for _ in range(_STRIPES):
        ends = numbers.uniform(0, side, 4).tolist()
        pen.line(ends, _colour(numbers, numbers.uniform()), round(numbers.uniform(2, 10)))
    size = numbers.uniform(0.2, 0.36) * side
    middle = numbers.uniform(size * 0.9, side - size * 0.9, 2)
    turn = numbers.uniform(-0.45, 0.45)
    colour = _colour(numbers, numbers.normal(_HUES[hue], _HUE_SD))
    if shape == "ring":
        box = [*(middle - size), *(middle + size)]
        pen.ellipse(box, outline=colour, width=round(size * numbers.uniform(0.35, 0.6)))
    else:
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        points = size * np.array(_outline(shape)) @ turned + middle
        pen.polygon([(float(x), float(y)) for x, y in points], fill=colour)
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX), np.float64)
    noisy = small + numbers.normal(0, _NOISE_SD, small.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).round().astype(np.uint8))


def draw_folders(folder: Path, each: int) -> None:
    """`each` pictures of every class, in a folder for each."""
    for name in (*LEARNED, *ASKED):
        (folder / name).mkdir(parents=True)
        for number in range(each):
            drawn(name, number).save(folder / name / f"{number:04d}.png")


def _convolution(name: str, bottom: str, outputs: int, kernel: int, stride: int) -> str:
    """Convolution, BatchNorm and Scale; its top is called as the layer."""
    return (
        f'layer {{ name: "{name}" type: "Convolution" bottom: "{bottom}" top: "{name}"\n'
        f"  convolution_param {{ num_output: {outputs} kernel_size: {kernel} pad: {kernel // 2} "
        f'stride: {stride} bias_term: false weight_filler {{ type: "msra" }} }} }}\n'
        f'layer {{ name: "bn_{name}" type: "BatchNorm" bottom: "{name}" top: "{name}"\n'
        "  batch_norm_param { moving_average_fraction: 0.98 } }\n"
        f'layer {{ name: "scale_{name}" type: "Scale" bottom: "{name}" top: "{name}"\n'
        "  scale_param { bias_term: true } }\n"
    )


def _relu(blob: str) -> str:
    return f'layer {{ name: "{blob}_relu" type: "ReLU" bottom: "{blob}" top: "{blob}" }}\n'


def _block(name: str, bottom: str, outputs: int, stride: int) -> str:
    """Two convolutions beside a way around them, as in ResNet-18."""
    text, around = "", bottom
    if stride > 1:
        around = f"{name}_branch1"
        text += _convolution(around, bottom, outputs, 1, stride)
    text += _convolution(f"{name}_a", bottom, outputs, 3, stride) + _relu(f"{name}_a")
    text += _convolution(f"{name}_b", f"{name}_a", outputs, 3, 1)
    text += (
        f'layer {{ name: "{name}" type: "Eltwise" bottom: "{around}" bottom: "{name}_b" '
        f'top: "{name}" }}\n'
    )
    return text + _relu(name)


def base_text(source: str, classes: int) -> str:
    """A residual net of seven convolutions; `pool` (64) is its feature."""
    return (
        'name: "SmallResidual"\n'
        'layer { name: "pictures" type: "Data" top: "data" top: "label"\n'
        "  transform_param { scale: 0.00784314 mean_value: 127.5 }\n"
        f'  data_param {{ source: "{source}" batch_size: 64 backend: IMAGEDB '
        "enable_random_selection: true } }\n"
        + _convolution("conv1", "data", 16, 3, 1)
        + _relu("conv1")
        + _block("res2", "conv1", 16, 1)
        + _block("res3", "res2", 32, 2)
        + _block("res4", "res3", 64, 2)
        + 'layer { name: "pool" type: "Pooling" bottom: "res4" top: "pool"\n'
        "  pooling_param { pool: AVE global_pooling: true } }\n"
        'layer { name: "answer" type: "InnerProduct" bottom: "pool" top: "answer"\n'
        f"  inner_product_param {{ num_output: {classes} "
        'weight_filler { type: "xavier" } } }\n'
        'layer { name: "loss" type: "SoftmaxWithLoss" bottom: "answer" bottom: "label" '
        'top: "loss" }\n'
    )


def solver_text(model: str, iterations: int) -> str:
    """Two thirds of the iterations at a high rate, the rest at a tenth of it."""
    return (
        f'net: "{model}" type: "SGD" base_lr: 0.05 momentum: 0.9 weight_decay: 0.0005\n'
        f'lr_policy: "step" gamma: 0.1 stepsize: {2 * iterations // 3} max_iter: {iterations}\n'
        'display: 100 snapshot_prefix: "base"\n'
    )
