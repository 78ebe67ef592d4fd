"""Floor 6. Warns when a loss that searches its batches for triplets finds none in most of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO
from mycaffe_py.layers.labels import first_labels
from mycaffe_py.layers.triplet_loss import TripletFacts
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options
from mycaffe_py.solver.hooks.hook import Event
from mycaffe_py.solver.hooks.interval import IntervalHook
from mycaffe_py.solver.solver import Solver

_PER_LABEL = (4, 2, 3)


@dataclass
class _Watched:
    """A mined loss, and what its batches since the last display were like."""

    node: Node
    io: LayerIO
    batches: int = 0
    without: int = 0
    without_positive: int = 0


class NothingMined(IntervalHook):
    """Looks at the labels of each batch: a triplet takes two rows of a label and one of another.

    A loss that had no triplet in most batches since the last display is told of at this one; where
    the solver has no displays, at the end.
    """

    def start(self, solver: Solver) -> None:
        """Find the losses that mine."""
        self._watched = [
            _Watched(node, io)
            for node, io in solver.net.steps
            if node.has_loss
            and isinstance(node.plan.facts, TripletFacts)
            and node.plan.facts.mining != Options.NONE
        ]

    def after_forward(self, solver: Solver, loss: float) -> None:
        """Count the batch."""
        for one in self._watched:
            labels = first_labels(one.io.bottoms[1])
            rows = labels[~np.isin(labels, one.io.facts.ignored)]
            counts = np.unique(rows, return_counts=True)[1]
            alone = not len(counts) or counts.max() < 2
            one.batches += 1
            one.without_positive += alone
            one.without += alone or len(counts) < 2

    def _tell(self, solver: Solver) -> None:
        for one in self._watched:
            if one.without > one.batches / 2:
                line = _line(solver, one)
                solver.tell(Event("warning", solver.iteration, {"line": line}))
            one.batches = one.without = one.without_positive = 0


def _line(solver: Solver, one: _Watched) -> str:
    mining = Options.Mining.Name(one.io.facts.mining)
    lone = one.without_positive > one.without / 2
    missing = "two images of a class" if lone else "images of two classes"
    if one.without == one.batches:
        which, what = f"any of the last {one.batches:,} batches", f"no batch holds {missing}"
    else:
        which = f"{one.without:,} of the last {one.batches:,} batches"
        what = f"none of those holds {missing}"
    return (
        f"Warning: at iteration {solver.iteration} layer '{one.node.name}' (TripletLoss, mining "
        f"{mining}) has had no triplet in {which}, and learns nothing there: {what}. "
        f"{_remedy(solver, one.io)}"
    )


def _remedy(solver: Solver, io: LayerIO) -> str:
    """How a batch gets several images of several classes from what the net reads."""
    rows = len(io.bottoms[0])
    feeds = [
        param
        for node, _ in solver.net.steps
        if (param := node.context.param).type == "Data" and param.data_param.batch_size == rows
    ]
    images = next((k for k in _PER_LABEL if rows % k == 0 and rows > k), 0)
    if not feeds or not images:
        return "Batches need several images of each of several classes."
    instead = " in place of label_balancing" if feeds[0].data_param.label_balancing else ""
    return (
        f"In layer '{feeds[0].name}' set data_param {{ labels_per_batch: {rows // images} "
        f"images_per_label: {images} }}{instead}."
    )
