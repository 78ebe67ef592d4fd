"""Warns when a loss stays at its greatest value: then the right label has probability 0."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO
from mycaffe_py.solver.hooks.hook import Event, Run
from mycaffe_py.solver.hooks.interval import IntervalHook, counted

# Of a loss that takes the logarithm of a probability, which counts as FLT_MIN where it is less.
CEILING = -math.log(np.finfo(np.float32).tiny)  # 87.3365
# A mean of singles that all are at the ceiling is this near to it.
_NEAR = 1e-4


@dataclass
class _LimitedLoss:
    """A loss in each shard of this process, its forwards since the last display, and how many of
    them were at the ceiling."""

    node: Node
    ios: list[LayerIO]
    forwards: int = 0
    at_ceiling: int = 0


class Ceiling(IntervalHook):
    """Looks at each loss of a logarithm after every forward, and warns at a display.

    A loss is warned of again only after it has come down in between. If the solver has no displays,
    the warning comes at the end of the run.
    """

    def start(self, solver: Run) -> None:
        """Find the losses that have a ceiling."""
        self._watched = [
            _LimitedLoss(node, [net.steps[place][1] for net in solver.work.own_nets])
            for place, (node, _) in enumerate(solver.net.steps)
            if node.has_loss and node.layer.takes_logarithm
        ]
        self._told: set[str] = set()

    def after_forward(self, solver: Run, loss: float) -> None:
        """Count the forward."""
        for one in self._watched:
            losses = [float(io.tops[0].ravel()[0]) for io in one.ios]
            one.forwards += 1
            one.at_ceiling += min(losses) >= CEILING * (1 - _NEAR)

    def _tell(self, solver: Run) -> None:
        if not self._watched:
            return
        found = ((one.forwards, one.at_ceiling) for one in self._watched)
        for one, (forwards, at_ceiling) in zip(self._watched, counted(solver, found), strict=True):
            name = one.node.name
            sits = forwards > 0 and at_ceiling == forwards
            if sits and name not in self._told:
                line = _line(solver, one)
                solver.tell(Event("warning", solver.iteration, {"line": line}))
            (self._told.add if sits else self._told.discard)(name)
            one.forwards = one.at_ceiling = 0


def _line(solver: Run, one: _LimitedLoss) -> str:
    return (
        f"Warning: at iteration {solver.iteration} layer '{one.node.name}' ({one.node.layer.type}) "
        f"has sat at its ceiling of {CEILING:.4f} for {one.forwards:,} batches: the probability of "
        "the right label is 0 for every item, and hardly a gradient leads away from it. Begin anew "
        f"with a lower base_lr (the rate is {solver.rate:g}); also look at the scale of the data."
    )
