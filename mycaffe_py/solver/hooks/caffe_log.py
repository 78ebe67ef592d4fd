"""Writes the log of a run as Caffe does, line for line, so that Caffe's tools can read it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from mycaffe_py.engine.net import Net
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.solver.glog import Glog, output_values
from mycaffe_py.solver.hooks.hook import Event, Hook, Run


class CaffeLog(Hook):
    """Writes lines for the events that the other hooks tell; those decide when one is due."""

    writes = True

    def __init__(self, log: Glog) -> None:
        self.log = log

    def start(self, solver: Run) -> None:
        """Write the lines before the first iteration; "Solving" starts parse_log.py's clock."""
        say = self.log.say
        if solver.record.last_snapshot is not None:
            say("caffe.cpp:242", f"Resuming from {solver.record.last_snapshot}")
        say("caffe.cpp:248", "Starting Optimization")
        say("solver.cpp:272", f"Solving {solver.net.graph.name}")
        say("solver.cpp:273", f"Learning Rate Policy: {solver.text.lr_policy}")
        self._last = (time.perf_counter(), solver.iteration)
        self._step = solver.current_step

    def told(self, solver: Run, event: Event) -> None:
        """Write the lines of one event."""
        if event.kind == "display":
            self._display(solver, event)
        elif event.kind == "test":
            self._test(solver, event)
        elif event.kind == "snapshot":
            form = "HDF5" if solver.text.snapshot_format == SolverParameter.HDF5 else "binary proto"
            say = self.log.say
            say("solver.cpp:447", f"Snapshotting to {form} file {event.figures['weights']}")
            say(
                "sgd_solver.cpp:273",
                f"Snapshotting solver state to {form} file {event.figures['state']}",
            )
        elif event.kind in ("debug", "warning"):
            self.log.say("net.cpp:591", event.figures["line"])

    def after_gradients(self, solver: Run) -> None:
        """Write a line if the update is about to clip the gradients."""
        most = solver.text.clip_gradients
        if most >= 0 and (norm := solver.updater.gradient_norm()) > most:
            self.log.say(
                "sgd_solver.cpp:95",
                f"Gradient clipping: scaling down gradients (L2 norm {norm:g} > {most:g}) "
                f"by scale factor {most / norm:g}",
            )

    def after_step(self, solver: Run) -> None:
        """Write a line if the rate of policy multistep has gone down."""
        if solver.text.lr_policy == "multistep" and solver.current_step != self._step:
            self._step = solver.current_step
            self.log.say(
                "sgd_solver.cpp:49",
                f"MultiStep Status: Iteration {solver.iteration - 1}, step = {self._step}",
            )

    def _display(self, solver: Run, event: Event) -> None:
        figures, say = event.figures, self.log.say
        if "lr" not in figures:
            say("solver.cpp:310", f"Iteration {event.iteration}, loss = {figures['loss']:g}")
            return
        now = time.perf_counter()
        seconds, done = now - self._last[0], event.iteration - self._last[1]
        self._last = (now, event.iteration)
        pace = f"{done / seconds:g} iter/s, {seconds:g}s/{solver.text.display} iters"
        say("solver.cpp:218", f"Iteration {event.iteration} ({pace}), loss = {figures['loss']:g}")
        self._outputs("solver.cpp:237", "Train", solver.net, figures["outputs"])
        say("sgd_solver.cpp:105", f"Iteration {event.iteration}, lr = {figures['lr']:g}")

    def _test(self, solver: Run, event: Event) -> None:
        figures = event.figures
        number = figures["net"]
        self.log.say("solver.cpp:330", f"Iteration {event.iteration}, Testing net (#{number})")
        if "loss" in figures:
            self.log.say("solver.cpp:384", f"Test loss: {figures['loss']:g}")
        self._outputs("solver.cpp:397", "Test", solver.test_nets[number], figures["outputs"])

    def _outputs(self, place: str, kind: str, net: Net, outputs: Mapping[str, Any]) -> None:
        for number, (name, value, remark) in enumerate(output_values(net, outputs)):
            self.log.say(place, f"    {kind} net output #{number}: {name} = {value:g}{remark}")

    def finish(self, solver: Run) -> None:
        """Write how the run ended."""
        if solver.stopping:
            self.log.say("solver.cpp:295", "Optimization stopped early.")
        else:
            self.log.say("solver.cpp:315", "Optimization Done.")
        self.log.say("caffe.cpp:259", "Optimization Done.")
