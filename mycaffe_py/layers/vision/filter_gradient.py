"""What the filters of a convolution get: no matrix of columns (kernels/.../filter_gradient.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mycaffe_py.kernels.convolution.filter_gradient import filters, scratch_sizes
from mycaffe_py.layers.base import Array, Scratch, Shape
from mycaffe_py.layers.vision.direct_convolution import Direct

_NAMES = ("filter_planes", "filter_panels", "filter_sums")


@dataclass(frozen=True)
class FilterGradient:
    """`seen`: how forward sees the images; `outputs`: channels of the result."""

    seen: Direct
    outputs: int

    def scratch(self) -> dict[str, Scratch]:
        """Arrays for laid out images, for panels of dy, and for the sums."""

        def one(number: int) -> Scratch:
            return Scratch(shape_of=lambda dtype: self._shape(number, dtype), use="backward")

        return {name: one(number) for number, name in enumerate(_NAMES)}

    def _shape(self, number: int, dtype: object) -> Shape:
        seen = self.seen
        every = seen.planes, seen.images, seen.groups, seen.channels, self.outputs
        return (scratch_sizes(*every, dtype)[number],)

    def run(self, x: Array, dy: Array, scratch: Mapping[str, Array], dw: Array) -> None:
        """Add to dw (K, C / group, KH, KW) what x (N, C, H, W) and dy (N, K, OH, OW) make of it."""
        seen = self.seen
        arrays = tuple(scratch[name] for name in _NAMES)
        window = dw.reshape(*dw.shape[:2], -1)
        filters(x, dy, seen.groups, seen.planes, seen.stride, seen.pad, arrays, window)


def filter_gradient_of(direct: Direct | None, outputs: int) -> FilterGradient | None:
    """How dw is made, or None where it takes columns, or is that of a depthwise convolution."""
    if direct is None or direct.depthwise:
        return None
    return FilterGradient(direct, outputs)
