"""The layers of one branch, from a picture to its point: how many and how large for a data set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mycaffe_py.proto.fitted.data_facts import DataFacts

# Convolutions go on until this is left of the longer side; above _LARGE it is averaged first.
_LEFT = 6
_SMALLEST = 8
_LARGE = 128
# Filters of each convolution: without stride and padding, in front of a pooling of 2x2, because
# these run together as one fast kernel.
_KERNELS = (5, 3)
_FILTERS = (24, 48, 96, 128)
_HIDDEN = 128
_POINT = 32
_Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """A layer that learns with what follows it; its `shape` is that of one item behind it.

    `kind` is "average" (of squares of `kernel` pixels, nothing learns), "convolution" (then pooled,
    then without what is negative), "product" (then without what is negative) or "point", the last
    one. `before` is the shape in front of the pooling.
    """

    kind: str
    name: str
    outputs: int
    shape: _Sizes
    kernel: int = 0
    before: _Sizes = ()


def blocks(facts: DataFacts) -> list[Block]:
    """The blocks of a branch in their order."""
    made = list(_convolutions(facts))
    numbers = 1
    for length in made[-1].shape if made else facts.shape:
        numbers *= length
    hidden = [_HIDDEN] if made else [_HIDDEN, _HIDDEN // 2]
    for place, outputs in enumerate(hidden):
        made.append(Block("product", f"ip{place + 1}", outputs, (outputs,)))
    made.append(Block("point", "feat", _POINT, (_POINT,)))
    return made


def _convolutions(facts: DataFacts) -> Iterator[Block]:
    """None where there are no pictures, or too small ones."""
    channels, height, width = facts.shape
    if not facts.pictures or facts.side < _SMALLEST:
        return
    step = 1
    while max(height, width) > _LARGE * step:
        step *= 2
    if step > 1:
        height, width = (-(-side // step) for side in (height, width))
        yield Block("average", "small", channels, (channels, height, width), step)
    number = 0
    while max(height, width) > _LEFT:
        kernel = _KERNELS[min(number, len(_KERNELS) - 1)]
        if min(height, width) < kernel:
            return
        outputs = _FILTERS[min(number, len(_FILTERS) - 1)]
        before = (outputs, height - kernel + 1, width - kernel + 1)
        height, width = (-(-side // 2) for side in before[1:])
        number += 1
        yield Block(
            "convolution", f"conv{number}", outputs, (outputs, height, width), kernel, before
        )
