"""Warns when a loss that mines triplets in its batches finds none in most of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.graph.model import Node
from mycaffe_py.layers.base import LayerIO
from mycaffe_py.layers.labels import first_labels
from mycaffe_py.layers.loss.triplet_loss import TripletFacts
from mycaffe_py.proto.mycaffe_pb2 import TripletLossParameter as Options
from mycaffe_py.solver.hooks.hook import Event, Run
from mycaffe_py.solver.hooks.interval import IntervalHook, counted

_PER_LABEL = (4, 2, 3)


@dataclass
class _MinedLoss:
    """A loss that mines, in each shard of this process, and counts of its batches since the last
    display; each shard counts, as it mines on its own."""

    node: Node
    ios: list[LayerIO]
    batches: int = 0
    without: int = 0
    without_positive: int = 0

    def count(self, io: LayerIO) -> None:
        """Look at the labels of a shard."""
        labels = first_labels(io.bottoms[1])
        rows = labels[~np.isin(labels, io.facts.ignored)]
        counts = np.unique(rows, return_counts=True)[1]
        alone = not len(counts) or counts.max() < 2
        self.batches += 1
        self.without_positive += alone
        self.without += alone or len(counts) < 2


class NothingMined(IntervalHook):
    """Looks at the labels of each batch: a triplet takes two rows of a label and one of another.

    At a display it warns of each loss that had no triplet in most batches since the last display.
    If the solver has no displays, it does so at the end.
    """

    def start(self, solver: Run) -> None:
        """Find the losses that mine."""
        self._watched = [
            _MinedLoss(node, [net.steps[place][1] for net in solver.work.own_nets])
            for place, (node, _) in enumerate(solver.net.steps)
            if node.has_loss
            and isinstance(node.plan.facts, TripletFacts)
            and node.plan.facts.mining != Options.NONE
        ]

    def after_forward(self, solver: Run, loss: float) -> None:
        """Count the batch."""
        for one in self._watched:
            for io in one.ios:
                one.count(io)

    def _tell(self, solver: Run) -> None:
        if not self._watched:
            return
        found = ((one.batches, one.without, one.without_positive) for one in self._watched)
        for one, counts in zip(self._watched, counted(solver, found), strict=True):
            one.batches, one.without, one.without_positive = counts
            if one.without > one.batches / 2:
                line = _line(solver, one)
                solver.tell(Event("warning", solver.iteration, {"line": line}))
            one.batches = one.without = one.without_positive = 0


def _line(solver: Run, one: _MinedLoss) -> str:
    mining = Options.Mining.Name(one.ios[0].facts.mining)
    lone = one.without_positive > one.without / 2
    missing = "two images of a class" if lone else "images of two classes"
    part = "batch" if solver.text.shards == 1 else "shard of a batch"
    parts = "batches" if solver.text.shards == 1 else "shards of batches"
    if one.without == one.batches:
        which, what = f"any of the last {one.batches:,} {parts}", f"no {part} holds {missing}"
    else:
        which = f"{one.without:,} of the last {one.batches:,} {parts}"
        what = f"none of those holds {missing}"
    return (
        f"Warning: at iteration {solver.iteration} layer '{one.node.name}' (TripletLoss, mining "
        f"{mining}) has had no triplet in {which}, and learns nothing there: {what}. "
        f"{_remedy(solver, one.ios[0])}"
    )


def _remedy(solver: Run, io: LayerIO) -> str:
    """What to write in the text, so that a batch has several images of each of several classes."""
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
