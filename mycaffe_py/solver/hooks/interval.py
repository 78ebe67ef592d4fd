"""A hook that watches from one display to the next."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable

from mycaffe_py.solver.hooks.hook import Every, Hook, Run


class IntervalHook(Hook):
    """Tells at each display what it saw since the last one; without displays, at the end.

    All processes of a run come here at the same places, so that what they saw can be joined.
    """

    def after_gradients(self, solver: Run) -> None:
        """End an interval at a display; at iteration 0 only if each iteration has a display."""
        if due(solver) and (solver.text.display == 1 or solver.iteration):
            self._tell(solver)

    def finish(self, solver: Run) -> None:
        """If there are no displays, the whole run is one interval."""
        if solver.text.display <= 0 or due_at_end(solver):
            self._tell(solver)

    @abstractmethod
    def _tell(self, solver: Run) -> None:
        """Tell what was seen in this interval, and begin the next one."""


def due(solver: Run) -> bool:
    """Whether this iteration has a display."""
    return Every(solver.text.display)(solver.iteration)


def due_at_end(solver: Run) -> bool:
    """Whether there is one more display behind the last iteration."""
    return due(solver) and math.isfinite(solver.smoothed.value) and not solver.stopping


def counted(solver: Run, counts: Iterable[Iterable[int]]) -> list[list[int]]:
    """The `counts` of this process and all others, added up: a list for each thing counted."""
    told = solver.together.agree([list(each) for each in counts])
    return [
        [sum(numbers) for numbers in zip(*each, strict=True)] for each in zip(*told, strict=True)
    ]
