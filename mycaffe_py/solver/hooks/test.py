"""Floor 6. Runs the TEST nets every test_interval iterations and tells their mean outputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.solver.hooks.hook import Event, Every, Hook
from mycaffe_py.solver.solver import Solver

# How often a test tells how far it has come; one of fewer batches does not.
_STEPS = 10


class MeasureTestNets(Hook):
    """The figures of test net 0 and the first accuracy among all outputs head the event."""

    def start(self, solver: Solver) -> None:
        """Ask the solver text when tests are due."""
        text = solver.text
        self._due = Every(text.test_interval, at_zero=text.test_initialization)
        self._tested = -1

    def before_step(self, solver: Solver) -> None:
        """Test before the step, as Caffe does: on the weights of `iteration` updates."""
        if self._due(solver.iteration):
            self._test_all(solver)

    def finish(self, solver: Solver) -> None:
        """The last weights, when the interval falls on them and they were not tested yet."""
        tested = self._tested == solver.iteration
        if self._due(solver.iteration) and not solver.stopping and not tested:
            self._test_all(solver)

    def _test_all(self, solver: Solver) -> None:
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
            # An accuracy over no item at all is none.
            if name in means and not math.isnan(means[name]):
                figures["accuracy"] = means[name]
            if solver.text.test_compute_loss:
                figures["loss"] = loss
            solver.tell(Event("test", solver.iteration, figures))


def average_outputs(
    solver: Solver,
    net: Net,
    first_batch: int,
    count: int,
    done: Callable[[int], None] = lambda batch: None,
) -> tuple[dict[str, Any], float]:
    """Mean of every output of `net` and of its loss over `count` batches.

    Batch numbers depend on nothing but the iteration, so a resumed run tests on the same batches.
    `done` is told the number of batches before each. A request to stop ends it early; the caller
    must look at `solver.stopping`.
    """
    sums = {name: np.zeros(net.blob(name).shape) for name in net.graph.outputs}
    counts = dict.fromkeys(sums, 0)
    rates = _accuracies(net)
    losses = []
    for batch in range(first_batch, first_batch + count):
        done(batch - first_batch)
        losses.append(net.forward(batch))
        for name, total in sums.items():
            value = net.blob(name)
            # A batch without an item that an accuracy can count says nothing of it.
            if name in rates and np.isnan(value).all():
                continue
            total += value
            counts[name] += 1
        if solver.stopping:
            break
    means = {
        name: (total / counts[name] if counts[name] else total + math.nan).tolist()
        for name, total in sums.items()
    }
    return means, math.fsum(losses) / len(losses)


def accuracy_blob(net: Net) -> str:
    """The first output that an accuracy layer makes, or ""."""
    return next(iter(_accuracies(net)), "")


def _accuracies(net: Net) -> list[str]:
    return [
        node.tops[0]
        for node in net.graph.nodes
        if node.layer.type.startswith("Accuracy") and node.tops[0] in net.graph.outputs
    ]
