"""Floor 6. Warns when a loss has sat at its ceiling: then no probability is above 0."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO
from mycaffe_py.solver.hooks.hook import Event
from mycaffe_py.solver.hooks.interval import IntervalHook
from mycaffe_py.solver.solver import Solver

# Losses that take the logarithm of a probability, which counts as FLT_MIN where it is less.
_KINDS = ("SoftmaxWithLoss", "MultinomialLogisticLoss", "InfogainLoss")
CEILING = -math.log(np.finfo(np.float32).tiny)  # 87.3365
# A mean of singles that all are at the ceiling is this near to it.
_NEAR = 1e-4


@dataclass
class _Watched:
    """A loss, and in how many forwards since the last display it was at the ceiling."""

    node: Node
    io: LayerIO
    forwards: int = 0
    at_ceiling: int = 0


class Ceiling(IntervalHook):
    """Looks at each loss of logarithms after every forward; tells at a display, once.

    It is told again only after the loss has come down in between. Where the solver has no displays,
    the whole run counts as one.
    """

    def start(self, solver: Solver) -> None:
        """Find the losses that have a ceiling."""
        self._watched = [
            _Watched(node, io)
            for node, io in solver.net.steps
            if node.has_loss and node.layer.type in _KINDS
        ]
        self._told: set[str] = set()

    def after_forward(self, solver: Solver, loss: float) -> None:
        """Count the forward."""
        for one in self._watched:
            one.forwards += 1
            one.at_ceiling += float(one.io.tops[0].ravel()[0]) >= CEILING * (1 - _NEAR)

    def _tell(self, solver: Solver) -> None:
        for one in self._watched:
            name = one.node.name
            sits = one.forwards > 0 and one.at_ceiling == one.forwards
            if sits and name not in self._told:
                line = _line(solver, one)
                solver.tell(Event("warning", solver.iteration, {"line": line}))
            (self._told.add if sits else self._told.discard)(name)
            one.forwards = one.at_ceiling = 0


def _line(solver: Solver, one: _Watched) -> str:
    return (
        f"Warning: at iteration {solver.iteration} layer '{one.node.name}' ({one.node.layer.type}) "
        f"has sat at its ceiling of {CEILING:.4f} for {one.forwards:,} batches: the probability of "
        "the right label is 0 for every item, and hardly a gradient leads away from it. Begin anew "
        f"with a lower base_lr (the rate is {solver.rate:g}); also look at the scale of the data."
    )
