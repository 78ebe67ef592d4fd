"""Floor 6. Warns when a metric loss sits at its margin because its features lie on one point."""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import Array, LayerIO
from mycaffe_py.layers.contrastive_options import ContrastiveFacts
from mycaffe_py.layers.triplet_loss import TripletFacts
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver

# Root mean square distance of the features to their mean, as a share of the margin. With less than
# this, pairs of different classes cost within 6 % of what they cost on one point.
_COLLAPSED = 0.03
_RECOVERED = 0.06
# A loss that hardly has pairs of different classes is small on one point too, and rightly so.
_OF_THE_MOST = 0.1


class Collapse(Hook):
    """Looks at the features of ContrastiveLoss and TripletLoss whenever a display is due.

    A net that has just begun may have small features, so two displays in a row have to find them
    on one point. It is said once, and again only after they had a spread in between.
    """

    def start(self, solver: Solver) -> None:
        """Find the losses that pull features together and push them apart."""
        self._losses = [
            (node, io)
            for node, io in solver.net.steps
            if node.has_loss and isinstance(node.plan.facts, ContrastiveFacts | TripletFacts)
        ]
        self._seen: dict[str, int] = {}

    def told(self, solver: Solver, event: Event) -> None:
        """Measure the features of the batch that is displayed."""
        if event.kind != "display":
            return
        for node, io in self._losses:
            share = _spread(io) / _margin(io)
            if share < _COLLAPSED and float(io.tops[0]) > _OF_THE_MOST * _on_one_point(io):
                self._seen[node.name] = self._seen.get(node.name, 0) + 1
                if self._seen[node.name] == 2:
                    figures = {"line": _line(event.iteration, node, io, solver.rate)}
                    solver.tell(Event("warning", event.iteration, figures))
            elif not share < _RECOVERED or self._seen.get(node.name, 0) < 2:
                self._seen[node.name] = 0


def _features(io: LayerIO) -> list[Array]:
    """(N, D) of each branch."""
    facts = io.facts
    count = 2 if isinstance(facts, ContrastiveFacts) else 3 if facts.mining == Options.NONE else 1
    return [bottom.reshape(len(bottom), -1) for bottom in io.bottoms[:count]]


def _spread(io: LayerIO) -> float:
    """Root mean square distance of the rows of all branches to their mean."""
    rows = np.concatenate(_features(io)).astype(np.float64)
    if not len(rows):
        return math.nan
    return float(np.sqrt(((rows - rows.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _margin(io: LayerIO) -> float:
    """How far apart, in plain distances, the loss wants features of different classes."""
    facts = io.facts
    if isinstance(facts, ContrastiveFacts):
        squared = facts.linear and not facts.manhattan
        return _root(facts.margin) if squared else facts.margin
    wanted = facts.cost.top if facts.cost.lossless else facts.cost.margin
    return _root(wanted) if facts.squared else wanted


def _root(value: float) -> float:
    # A margin of 0 or less asks for nothing: then no spread is too small for it.
    return math.sqrt(value) if value > 0 else math.nan


def _on_one_point(io: LayerIO) -> float:
    """What the loss is when all features are equal and all pairs are of different classes."""
    facts: ContrastiveFacts | TripletFacts = io.facts
    if isinstance(facts, ContrastiveFacts):
        return (facts.margin if facts.linear else facts.margin**2) / 2
    if facts.cost.lossless:
        return 0.0
    return facts.cost.margin / (facts.rows_weigh if facts.mining == Options.NONE else 1)


def _line(iteration: int, node: Node, io: LayerIO, rate: float) -> str:
    facts: ContrastiveFacts | TripletFacts = io.facts
    remedies = [f"a lower base_lr (the rate is {rate:g})", "wider first weights (xavier, msra)"]
    if isinstance(facts, TripletFacts) and facts.mining not in (Options.NONE, Options.BATCH_ALL):
        remedies.append("mining: BATCH_ALL, which draws less to one point")
    return (
        f"Warning: at iteration {iteration} layer '{node.name}' ({node.layer.type}) sits at its "
        f"margin: its features lie on one point (they spread by {_spread(io):.2g}, the margin is "
        f"{_margin(io):.2g}), and hardly a gradient leads away from it. Begin anew with "
        f"{', or '.join(remedies)}."
    )
