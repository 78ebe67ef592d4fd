"""What happens around the steps of a script's solver: callbacks and log lines."""

from __future__ import annotations

import time
from collections.abc import Callable

from mycaffe_py.pycaffe.log_lines import StandardError
from mycaffe_py.solver.hooks.caffe_log import CaffeLog
from mycaffe_py.solver.hooks.hook import Hook, Run


class Callbacks(Hook):
    """Calls functions of a script at the start of each iteration and before its update."""

    def __init__(self) -> None:
        self.on_start: list[Callable[[], object]] = []
        self.on_gradients_ready: list[Callable[[], object]] = []

    def before_step(self, solver: Run) -> None:
        """Call them: the tests of this iteration are done, its forward comes next."""
        for call in self.on_start:
            call()

    def after_gradients(self, solver: Run) -> None:
        """Call them: the update comes next."""
        for call in self.on_gradients_ready:
            call()


class ScriptLog(CaffeLog):
    """Caffe's log of the steps alone: a script itself decides when its training begins."""

    def __init__(self) -> None:
        super().__init__(StandardError())

    def start(self, solver: Run) -> None:
        """Note where the steps begin; nothing is written yet."""
        self._last = (time.perf_counter(), solver.iteration)
        self._step = solver.current_step

    def finish(self, solver: Run) -> None:
        """Write that `solve` has ended."""
        self.log.say("solver.cpp:315", "Optimization Done.")
