"""Tells a program that trains what the diary of the run is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mycaffe_py.solver.hooks.events import DEBUG, line_of, line_of_test
from mycaffe_py.solver.hooks.hook import Event, Hook, Run

OnEvent = Callable[[dict[str, Any]], object]


class TellProgram(Hook):
    """Calls a function with each event, as a line of events.jsonl has it.

    An error of the function ends the run like any other; what it returns is not looked at.
    """

    writes = True

    def __init__(self, on_event: OnEvent) -> None:
        self.on_event = on_event
        self._works = True

    def told(self, solver: Run, event: Event) -> None:
        """Tell one event."""
        if event.kind != DEBUG:
            self._tell(line_of(event))

    def tested(self, solver: Run, net: int, batch: int, batches: int) -> None:
        """Tell how far a test has come."""
        self._tell(line_of_test(solver, net, batch, batches))

    def _tell(self, line: dict[str, Any]) -> None:
        # The end that its own error has brought about is not told to it.
        if self._works:
            self._works = False
            self.on_event(line)
            self._works = True
