"""Floor 3. The shapes an LSTM's recurrence works on: hidden numbers in whole vectors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from mycaffe_py.kernels.lstm_backward import ROWS
from mycaffe_py.kernels.lstm_gradient import COLUMNS
from mycaffe_py.kernels.lstm_weights import panels
from mycaffe_py.kernels.vector import lanes
from mycaffe_py.layers.base import Scratch, Shape
from mycaffe_py.layers.recurrent import Recurrent

# Up to so many inputs a step, their share of the sums is made in the same tile as that of h; more
# are worth a product of their own for all steps, which reads W_x once.
_FEW_INPUTS = 128
# Rows of a block: what 30 steps of them leave for backward stays in the second cache, 2 MiB. Each
# block has a gradient of the weights of its own, so there are not to be too many.
_ROWS = 48
_MOST_BLOCKS = 16


@dataclass(frozen=True)
class Rooms:
    """What follows from the layer's numbers in a net of `dtype`."""

    facts: Recurrent
    dtype: Any

    @cached_property
    def lanes(self) -> int:
        """Numbers in a vector."""
        return lanes(self.dtype)

    @cached_property
    def padded(self) -> int:
        """H up to whole vectors."""
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
        """`depth` up to whole vectors."""
        return -(-self.depth // self.lanes) * self.lanes

    @cached_property
    def block(self) -> int:
        """Rows that a thread takes through all steps, whatever the number of threads."""
        blocks = min(2 * -(-self.facts.rows // (2 * _ROWS)), _MOST_BLOCKS)
        share = -(-self.facts.rows // blocks)
        return -(-share // ROWS) * ROWS

    @cached_property
    def dw(self) -> Shape:
        """The gradient of the weights, from each block, in the recurrence's order."""
        blocks = -(-self.facts.rows // self.block)
        depth = -(-self.depth // COLUMNS) * COLUMNS
        return (blocks, self.padded // self.lanes, depth, 4, self.lanes)


@cache
def rooms_of(facts: Recurrent, dtype: Any) -> Rooms:
    """The one object of its kind: its numbers are worked out once, not at each forward."""
    return Rooms(facts, dtype)


def scratch(facts: Recurrent) -> dict[str, Scratch]:
    """The rooms; `h` and `c` go on from batch to batch.

    `inputs` and `cells` hold what goes into a step, and behind the last step what comes out of it.
    """

    def room(shape: Callable[[Rooms], Shape]) -> Scratch:
        return Scratch(shape_of=lambda dtype: shape(rooms_of(facts, dtype)))

    gates = room(lambda rooms: facts.sequence(4 * rooms.padded))
    further = replace(facts, steps=facts.steps + 1)
    state = room(lambda rooms: (facts.rows, rooms.padded))
    return {
        "h": Scratch(facts.state, use="carried"),
        "c": Scratch(facts.state, use="carried"),
        "cont": Scratch((further.steps, facts.rows)),
        "inputs": room(lambda rooms: further.sequence(rooms.stride)),
        "gates": gates,
        "dgates": gates,
        "squashed": room(lambda rooms: facts.sequence(rooms.padded)),
        "cells": room(lambda rooms: further.sequence(rooms.padded)),
        "dh": state,
        "dc": state,
        "dw": room(lambda rooms: rooms.dw),
    }
