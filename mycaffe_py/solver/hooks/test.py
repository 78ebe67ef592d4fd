"""Runs the TEST nets every test_interval iterations and tells their mean outputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import weights_stay
from mycaffe_py.layers.base import Array
from mycaffe_py.solver.hooks.hook import Event, Every, Hook, Run
from mycaffe_py.solver.nets import runs_code

# How often a test tells how far it has come; a test of fewer batches does not tell it at all.
_STEPS = 10


class MeasureTestNets(Hook):
    """Tells an event for each TEST net: means of its outputs, and apart its first accuracy."""

    def start(self, solver: Run) -> None:
        """Read from the solver text when tests are due."""
        text = solver.text
        self._due = Every(text.test_interval, at_zero=text.test_initialization)
        self._tested = -1

    def before_step(self, solver: Run) -> None:
        """Test before the step, as Caffe does: on the weights of `iteration` updates."""
        if self._due(solver.iteration):
            self._test_all(solver)

    def finish(self, solver: Run) -> None:
        """Test the last weights, if a test is due and they were not tested yet."""
        tested = self._tested == solver.iteration
        if self._due(solver.iteration) and not solver.stopping and not tested:
            self._test_all(solver)

    def _test_all(self, solver: Run) -> None:
        self._tested = solver.iteration
        for number, net in enumerate(solver.test_nets):
            count = solver.text.test_iter[number]
            first = solver.iteration // solver.text.test_interval * count
            every = -(-count // _STEPS)

            def done(batch: int, net: int = number, count: int = count, every: int = every) -> None:
                if count >= _STEPS and batch % every == 0:
                    solver.tell_tested(net, batch, count)

            means, loss = average_outputs(solver, net, first, count, done)
            if solver.stopping:
                return
            figures: dict[str, Any] = {"net": number, "outputs": means, "batches": count}
            name = accuracy_blob(net)
            # An accuracy over no item at all is left out.
            if name in means and not math.isnan(means[name]):
                figures["accuracy"] = means[name]
            if solver.text.test_compute_loss:
                figures["loss"] = loss
            solver.record.tests[number] = {"iteration": solver.iteration, **figures}
            solver.tell(Event("test", solver.iteration, figures))


def average_outputs(
    solver: Run,
    net: Net,
    first_batch: int,
    count: int,
    done: Callable[[int], None] = lambda batch: None,
) -> tuple[dict[str, Any], float]:
    """Mean of every output of `net` and of its loss over `count` batches.

    Batch numbers depend on nothing but the iteration, so a resumed run tests on the same batches.
    `done` is called before each batch with the number of those that are done. A request to stop
    ends the test early, so the caller has to look at `solver.stopping`. Several processes share the
    batches out, in turn, and add up what all have found in the order of the batches.
    """
    sums = {name: np.zeros(net.blob(name).shape) for name in net.graph.outputs}
    counts = dict.fromkeys(sums, 0)
    rates = _accuracies(net)
    losses = []
    with weights_stay(net):
        for loss, outputs in _batches(solver, net, first_batch, count, done):
            losses.append(loss)
            for name, total in sums.items():
                value = outputs[name]
                # A batch without an item that the accuracy counts does not enter the mean.
                if name in rates and np.isnan(value).all():
                    continue
                total += value
                counts[name] += 1
    means = {
        name: (total / counts[name] if counts[name] else total + math.nan).tolist()
        for name, total in sums.items()
    }
    return means, math.fsum(losses) / len(losses)


def _batches(
    solver: Run, net: Net, first: int, count: int, done: Callable[[int], None]
) -> Iterator[tuple[float, Mapping[str, Array]]]:
    """Loss and outputs of each batch, in their order."""
    together = solver.together
    # What is carried from batch to batch follows from all batches before.
    alone = together.ranks == 1 or bool(net.carried()) or runs_code(net.graph)
    step = 1 if alone else together.ranks
    for batch in range(0, count, step):
        done(batch)
        own = None
        if alone or batch + together.rank < count:
            loss = net.forward(first + batch + (0 if alone else together.rank))
            own = (loss, {name: net.blob(name) for name in net.graph.outputs})
        found = [own] if alone else together.agree(own)
        yield from (one for one in found if one is not None)
        if together.ranks > 1 and alone:
            together.agree(None)
        solver.heed()
        if solver.stopping:
            return


def accuracy_blob(net: Net) -> str:
    """The first output that an accuracy layer makes, or ""."""
    return next(iter(_accuracies(net)), "")


def _accuracies(net: Net) -> list[str]:
    return [
        node.tops[0]
        for node in net.graph.nodes
        if node.layer.measures and node.tops[0] in net.graph.outputs
    ]
