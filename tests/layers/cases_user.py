"""Cases of Filter and of layers whose code is the user's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mycaffe_py.layers.base import Array, Shape
from tests.layers.cases import Case, Setting

MINE = '''
from mycaffe_py.layers.user.python_layer import Layer


class Mine(Layer):
    """y = param_str * w * x * t."""

    def setup(self, bottom, top):
        self.factor = float(self.param_str)
        self.blobs.add_blob(1)
        self.blobs[0].data[0] = 1

    def reshape(self, bottom, top):
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom, top):
        w = self.blobs[0].data[0]
        top[0].data[...] = self.factor * w * bottom[0].data * bottom[1].data

    def backward(self, top, propagate_down, bottom):
        w = self.blobs[0].data[0]
        product = bottom[0].data * bottom[1].data
        self.blobs[0].diff[0] += self.factor * (top[0].diff * product).sum()
        for i in range(2):
            if propagate_down[i]:
                bottom[i].diff[...] = self.factor * w * top[0].diff * bottom[1 - i].data
'''


def write_mine(folder: Path) -> None:
    """The module of the example in Python's docstring."""
    (folder / "my_layers.py").write_text(MINE)


def all_kept(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Normal numbers and a selector that keeps every row, so that tops are as planned."""
    return [*(random.normal(size=shape) for shape in shapes[:-1]), np.full(shapes[-1], -0.5)]


EXAMPLES = {
    "Filter": Setting(bottoms=all_kept),
    "Python": Setting(prepare=write_mine, in_place=False),
}
CASES = [
    Case(
        "Filter one blob by a column",
        'layer { name: "f" type: "Filter" bottom: "x" bottom: "s" top: "y" }',
        [(3, 2, 2), (3, 1)],
        Setting(bottoms=all_kept),
    ),
]
