"""Floor 6. What a hook is, what it may be told, and when it is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mycaffe_py.snapshot.diary import BEGIN, COMPILING, END

if TYPE_CHECKING:
    from mycaffe_py.solver.solver import Solver


# Kinds of events that tell of the run, not of its figures.
OF_THE_RUN = (BEGIN, COMPILING, END)


@dataclass(frozen=True)
class Event:
    """Something worth telling.

    `kind` is "display", "test", "snapshot", "warning" or "debug"; of the run itself "begin",
    "compiling" and "end" (hooks/life.py).

    `iteration` counts updates done so far; `figures` are plain numbers, strings and lists.
    """

    kind: str
    iteration: int
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Every:
    """Due at every multiple of `interval`; never when that is 0."""

    interval: int
    at_zero: bool = True

    def __call__(self, iteration: int) -> bool:
        """Whether `iteration` is one of them."""
        if self.interval <= 0 or (iteration == 0 and not self.at_zero):
            return False
        return iteration % self.interval == 0


class Hook:
    """Called at fixed points of the loop; every method does nothing unless overridden."""

    def start(self, solver: Solver) -> None:
        """Before the first step of this process."""

    def before_step(self, solver: Solver) -> None:
        """Gradients are clear; nothing of this iteration is computed."""

    def after_forward(self, solver: Solver, loss: float) -> None:
        """One of the iteration's `iter_size` forwards is done; its loss is `loss`."""

    def after_gradients(self, solver: Solver) -> None:
        """All gradients of this iteration are there; the weights are still the old ones."""

    def after_step(self, solver: Solver) -> None:
        """The weights are updated and the iteration counts."""

    def tested(self, solver: Solver, net: int, batch: int, batches: int) -> None:
        """`batch` of the `batches` of a test of test net `net` are done; 0 before the first."""

    def told(self, solver: Solver, event: Event) -> None:
        """Some hook had something to tell."""

    def finish(self, solver: Solver) -> None:
        """The loop has ended: at max_iter, or earlier because of `solver.stopping`."""

    def failed(self, solver: Solver, error: BaseException) -> None:
        """The loop has ended by `error`, in place of `finish`."""

    def close(self, solver: Solver) -> None:
        """Always called last, even after an error: give back what was taken."""
