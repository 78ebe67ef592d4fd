"""Warns when all features of a metric loss lie on one point, so that it stays at its margin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import Array, LayerIO
from mycaffe_py.layers.loss.contrastive_options import ContrastiveFacts
from mycaffe_py.layers.loss.triplet_loss import TripletFacts
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options
from mycaffe_py.solver.hooks.hook import Event, Run
from mycaffe_py.solver.hooks.interval import IntervalHook, due, due_at_end

# Root mean square distance of the features to their mean, as a share of the margin. With less than
# this, pairs of different classes cost within 6 % of what they cost on one point.
_COLLAPSED = 0.03
_RECOVERED = 0.06
# If hardly a pair is of different classes, features on one point are right: the loss is small.
_OF_THE_MOST = 0.1


class Collapse(IntervalHook):
    """Looks at the features of ContrastiveLoss and TripletLoss whenever a display is due, in all
    shards of the batch together.

    A net that has just begun may have small features, so it warns only if two displays in a row
    find them on one point. It warns again only after the features were spread out in between.
    """

    def start(self, solver: Run) -> None:
        """Find the losses that pull features together and push them apart."""
        self._losses = [
            (node, [net.steps[place][1] for net in solver.work.own_nets])
            for place, (node, _) in enumerate(solver.net.steps)
            if node.has_loss and isinstance(node.plan.facts, ContrastiveFacts | TripletFacts)
        ]
        self._seen: dict[str, int] = {}

    def after_gradients(self, solver: Run) -> None:
        """Measure the features of the batch that is displayed, the very first too."""
        if due(solver):
            self._tell(solver)

    def finish(self, solver: Run) -> None:
        """Likewise at the last display."""
        if due_at_end(solver):
            self._tell(solver)

    def _tell(self, solver: Run) -> None:
        if not self._losses:
            return
        own = [[_Looked.at(io) for io in ios] for _, ios in self._losses]
        told = solver.together.agree(own)
        for place, (node, ios) in enumerate(self._losses):
            looked = [one for process in told for one in process[place]]
            spread, loss = _spread(looked), sum(one.loss for one in looked) / len(looked)
            share = spread / _margin(ios[0])
            if share < _COLLAPSED and loss > _OF_THE_MOST * _on_one_point(ios[0]):
                self._seen[node.name] = self._seen.get(node.name, 0) + 1
                if self._seen[node.name] == 2:
                    line = _line(solver.iteration, node, ios[0], solver.rate, spread)
                    solver.tell(Event("warning", solver.iteration, {"line": line}))
            elif not share < _RECOVERED or self._seen.get(node.name, 0) < 2:
                self._seen[node.name] = 0


@dataclass(frozen=True)
class _Looked:
    """What a shard tells of a loss: number and mean (D,) of its features, the sum of their squared
    distances to the mean, and the loss."""

    rows: int
    mean: Array
    squares: float
    loss: float

    @staticmethod
    def at(io: LayerIO) -> _Looked:
        """Look at the batch that was computed last."""
        rows = np.concatenate(_features(io)).astype(np.float64)
        mean = rows.mean(axis=0) if len(rows) else np.zeros(rows.shape[1:])
        return _Looked(len(rows), mean, float(((rows - mean) ** 2).sum()), float(io.tops[0]))


def _features(io: LayerIO) -> list[Array]:
    """(N, D) of each branch."""
    facts = io.facts
    count = 2 if isinstance(facts, ContrastiveFacts) else 3 if facts.mining == Options.NONE else 1
    return [bottom.reshape(len(bottom), -1) for bottom in io.bottoms[:count]]


def _spread(looked: Sequence[_Looked]) -> float:
    """Root mean square distance of the rows of all branches and shards to their mean."""
    count = sum(one.rows for one in looked)
    if not count:
        return math.nan
    mean = sum(one.rows * one.mean for one in looked) / count
    squares = sum(one.squares + one.rows * float(((one.mean - mean) ** 2).sum()) for one in looked)
    return math.sqrt(squares / count)


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


def _line(iteration: int, node: Node, io: LayerIO, rate: float, spread: float) -> str:
    facts: ContrastiveFacts | TripletFacts = io.facts
    remedies = [f"a lower base_lr (the rate is {rate:g})", "wider first weights (xavier, msra)"]
    if isinstance(facts, TripletFacts) and facts.mining not in (Options.NONE, Options.BATCH_ALL):
        remedies.append("mining: BATCH_ALL, which draws less to one point")
    return (
        f"Warning: at iteration {iteration} layer '{node.name}' ({node.layer.type}) sits at its "
        f"margin: its features lie on one point (they spread by {spread:.2g}, the margin is "
        f"{_margin(io):.2g}), and hardly a gradient leads away from it. Begin anew with "
        f"{', or '.join(remedies)}."
    )
