"""The shapes an LSTM's recurrence works on: hidden numbers in whole vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from mycaffe_py.kernels.recurrent.lstm_backward import ROWS
from mycaffe_py.kernels.recurrent.lstm_gradient import COLUMNS
from mycaffe_py.kernels.recurrent.lstm_weights import panels
from mycaffe_py.kernels.vectors.vector import lanes
from mycaffe_py.layers.base import Scratch, Shape
from mycaffe_py.layers.recurrent.recurrent import RecurrentFacts

# With at most so many inputs a step, W_x x is added in the same tile as W_h h; for more inputs one
# product of their own for all steps is faster, as it reads W_x once.
_FEW_INPUTS = 128
# Rows of a block: what 30 steps of them keep for backward fits into the second cache, 2 MiB. Each
# block has its own gradient of the weights, so there should not be too many blocks.
_ROWS = 48
_MOST_BLOCKS = 16


@dataclass(frozen=True)
class LSTMSizes:
    """The sizes that follow from the layer's numbers in a net of `dtype`."""

    facts: RecurrentFacts
    dtype: Any

    @cached_property
    def lanes(self) -> int:
        """How many numbers a vector register holds."""
        return lanes(self.dtype)

    @cached_property
    def padded(self) -> int:
        """H rounded up to whole vectors."""
        return panels(self.facts.hidden, self.lanes) * self.lanes

    @cached_property
    def together(self) -> bool:
        """Whether the sums of a step are made in one product, x included."""
        return self.facts.inputs <= _FEW_INPUTS

    @cached_property
    def depth(self) -> int:
        """Numbers in a row of that product: h, x if `together`, s and 1."""
        own = self.facts.inputs if self.together else 0
        return self.padded + own + self.facts.static + 1

    @cached_property
    def stride(self) -> int:
        """`depth` rounded up to whole vectors."""
        return -(-self.depth // self.lanes) * self.lanes

    @cached_property
    def block(self) -> int:
        """How many rows a thread takes through all steps; the number of threads changes nothing."""
        blocks = min(2 * -(-self.facts.rows // (2 * _ROWS)), _MOST_BLOCKS)
        share = -(-self.facts.rows // blocks)
        return -(-share // ROWS) * ROWS

    @cached_property
    def dw(self) -> Shape:
        """Shape of the gradients of the weights, one from each block, in the recurrence's order."""
        blocks = -(-self.facts.rows // self.block)
        depth = -(-self.depth // COLUMNS) * COLUMNS
        return (blocks, self.padded // self.lanes, depth, 4, self.lanes)


@cache
def sizes_of(facts: RecurrentFacts, dtype: Any) -> LSTMSizes:
    """The same object each time, so that its numbers are not worked out at each forward."""
    return LSTMSizes(facts, dtype)


def scratch(facts: RecurrentFacts) -> dict[str, Scratch]:
    """The scratch of an LSTM; `h` and `c` go on from batch to batch.

    `inputs` and `cells` hold what goes into a step, and behind the last step what comes out of it.
    """

    def sized(shape: Callable[[LSTMSizes], Shape]) -> Scratch:
        return Scratch(shape_of=lambda dtype: shape(sizes_of(facts, dtype)))

    gates = sized(lambda sizes: facts.sequence(4 * sizes.padded))
    further = replace(facts, steps=facts.steps + 1)
    state = sized(lambda sizes: (facts.rows, sizes.padded))
    return {
        "h": Scratch(facts.state, use="carried"),
        "c": Scratch(facts.state, use="carried"),
        "cont": Scratch((further.steps, facts.rows)),
        "inputs": sized(lambda sizes: further.sequence(sizes.stride)),
        "gates": gates,
        "dgates": gates,
        "squashed": sized(lambda sizes: facts.sequence(sizes.padded)),
        "cells": sized(lambda sizes: further.sequence(sizes.padded)),
        "dh": state,
        "dc": state,
        "dw": sized(lambda sizes: sizes.dw),
    }
