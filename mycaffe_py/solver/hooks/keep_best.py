"""Keeps the snapshot of the best test, and ends a run that does not get better any more."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.layers.base import Layer
from mycaffe_py.layers.data.fed_layer import source_of
from mycaffe_py.notices import is_hushed
from mycaffe_py.snapshot.best import Best
from mycaffe_py.snapshot.names import SnapshotFiles, files_of_snapshot
from mycaffe_py.solver.hooks.hook import Event, Hook, Run
from mycaffe_py.solver.hooks.snapshot import WriteSnapshots


@dataclass(frozen=True)
class _Figure:
    """An output of a TEST net; `lower` says whether lower values are better."""

    output: str
    net: int
    lower: bool

    def better(self, value: float, than: float | None) -> bool:
        """Whether `value` is better `than` another; NaN never is, nor is an equal value."""
        if not math.isfinite(value):
            return False
        return than is None or (value < than if self.lower else value > than)


class KeepBest(Hook):
    """Looks at one output of one TEST net: the one that keep_best names, else the first measure.

    It stands before `snapshot` among the hooks, which writes the files. The snapshot of an earlier
    best is removed if it was written for that reason alone and nobody has added files to it.
    Each of several processes comes to the same end by itself; the first one alone touches files.
    """

    def __init__(self, snapshot: WriteSnapshots) -> None:
        self.snapshot = snapshot

    def start(self, solver: Run) -> None:
        """Find the output to look at, and go on with the best test that the run card tells."""
        self._figure = _figure(solver)
        wanted = (self._figure.output, self._figure.net)
        before = solver.record.best
        if before is None or (before.output, before.net) != wanted:
            source, checksum = _data(solver.test_nets[self._figure.net])
            solver.record.best = Best(*wanted, source=source, checksum=checksum)
        else:
            self._remove(solver, before)
            self._consider_end(solver, before)

    def told(self, solver: Run, event: Event) -> None:
        """Compare each test with the best one so far."""
        best = solver.record.best
        if event.kind != "test" or event.figures["net"] != self._figure.net or best is None:
            return
        if event.iteration <= best.tested:
            # The test that a resumed run begins with was counted before its snapshot was written.
            return
        value = float(np.ravel(event.figures["outputs"][self._figure.output])[0])
        counted = replace(best, tested=event.iteration, tests=best.tests + 1, since=best.since + 1)
        if self._figure.better(value, best.value):
            passed = (*best.passed, *self._for_that_alone(solver, best))
            counted = replace(
                counted, value=value, iteration=event.iteration, since=0, passed=passed
            )
        solver.record.best = counted
        if counted.since == 0 and solver.text.keep_best:
            self._keep(solver, counted)
        self._consider_end(solver, counted)

    def _for_that_alone(self, solver: Run, best: Best) -> tuple[int, ...]:
        """The iteration of `best`, if its snapshot was written for it alone; else nothing."""
        every = solver.text.snapshot
        regular = every > 0 and best.iteration > 0 and best.iteration % every == 0
        kept = best.value is not None and solver.text.keep_best
        return () if regular or not kept else (best.iteration,)

    def _keep(self, solver: Run, best: Best) -> None:
        files = self.snapshot.files
        if files is None or files.iteration != best.iteration:
            self.snapshot.save(solver)
        self._remove(solver, best)

    def _remove(self, solver: Run, best: Best) -> None:
        for iteration in best.passed if solver.together.rank == 0 else ():
            for hdf5 in (False, True):
                files = SnapshotFiles.of(self.snapshot.prefix, iteration, hdf5=hdf5)
                # The state first: none may be left without its weights.
                parts = (files.state, files.weights, files.card)
                if iteration != best.iteration and files_of_snapshot(files) <= set(parts):
                    for path in parts:
                        with suppress(OSError):
                            path.unlink()

    def _consider_end(self, solver: Run, best: Best) -> None:
        patience = solver.text.patience
        if not patience or best.since < patience or solver.iteration >= solver.text.max_iter:
            return
        found = "none" if best.value is None else f"{best.value:g} at iteration {best.iteration}"
        solver.enough = (
            f"Early stop: {best.output} was no better in {best.since} tests; the best is {found} "
            "(--patience 0 goes on)"
        )
        solver.tell(Event("warning", solver.iteration, {"line": solver.enough}))


def _figure(solver: Run) -> _Figure:
    """The output to look at. Errors: no tests, no such output, an output of several values."""
    text = solver.text
    where = solver.job.where.at("keep_best" if text.keep_best else "patience")
    if not solver.test_nets or text.test_interval < 1:
        raise UserError(
            f"{'keep_best' if text.keep_best else 'patience'} without tests",
            where=where,
            wanted="what is best is told by a TEST net",
            do="Set test_interval and test_iter, for a net with layers of phase TEST.",
        )
    wanted, _, number = text.keep_best.partition("#")
    for place, net in enumerate(solver.test_nets):
        names = [wanted] if wanted else _telling(net)
        if number in ("", str(place)) and names and names[0] in net.graph.outputs:
            return _checked(solver, place, names[0])
    known = dict.fromkeys(name for net in solver.test_nets for name in net.graph.outputs)
    raise UserError(
        f"no TEST net has an output '{text.keep_best}'" if wanted else "no TEST net tells a figure",
        where=where,
        wanted="the figure of a test is an output, which no other layer takes",
        do=nearest(wanted, known),
    )


def _checked(solver: Run, place: int, name: str) -> _Figure:
    net = solver.test_nets[place]
    if net.blob(name).size != 1:
        raise UserError(
            f"output '{name}' of TEST net {place} holds {net.blob(name).size} values",
            where=solver.job.where.at("keep_best"),
            wanted="the best of them is told by one number",
            do="Name another output.",
        )
    figure = _Figure(name, place, _falls(net, name))
    several = sum(name in other.graph.outputs for other in solver.test_nets) > 1
    loud = solver.together.rank == 0 and not is_hushed()
    if several and "#" not in solver.text.keep_best and loud:
        print(f"The best test is told by '{name}' of TEST net 0 ({name}#1 would be the next one's)")
    return figure


def _telling(net: Net) -> list[str]:
    """The outputs that tell how good a net is, accuracies first."""
    makers = [(name, _maker(net, name)) for name in net.graph.outputs]
    accuracies = [name for name, layer in makers if layer.measures]
    return accuracies + [name for name, layer in makers if layer.is_loss]


def _maker(net: Net, name: str) -> Layer:
    """The layer that makes the output `name`."""
    return next(node.layer for node in reversed(net.graph.nodes) if name in node.tops)


def _falls(net: Net, name: str) -> bool:
    """Whether lower is better: for a loss, or an output whose name says loss or error."""
    layer = _maker(net, name)
    if layer.measures:
        return False
    return layer.is_loss or any(word in name.lower() for word in ("loss", "error"))


def _data(net: Net) -> tuple[str, str]:
    """Name and checksum of the data set that `net` tests on; "" where it reads none."""
    sources = (source_of(node.plan.facts) for node in net.graph.nodes)
    source = next((source for source in sources if source is not None), None)
    return ("", "") if source is None else (source.name, source.checksum)
