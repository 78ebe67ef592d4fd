"""Floor 6. A hook that watches from one display to the next."""

from __future__ import annotations

from abc import abstractmethod

from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.solver import Solver


class IntervalHook(Hook):
    """Says at each display what it saw since the last one; without displays, at the end."""

    def told(self, solver: Solver, event: Event) -> None:
        """A display ends an interval; that of the first iteration is no interval yet."""
        if event.kind == "display" and (solver.text.display == 1 or solver.iteration):
            self._tell(solver)

    def finish(self, solver: Solver) -> None:
        """Without displays the whole run is one interval."""
        if solver.text.display <= 0:
            self._tell(solver)

    @abstractmethod
    def _tell(self, solver: Solver) -> None:
        """Say what was seen, and begin anew."""
