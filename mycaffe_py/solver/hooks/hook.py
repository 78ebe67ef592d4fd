"""What a hook is, what it sees of the run, what it may be told, and when it is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.params import Params
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.snapshot.diary import BEGIN, COMPILING, END
from mycaffe_py.solver.run_record import RunRecord
from mycaffe_py.solver.smoothed import Smoothed
from mycaffe_py.solver.team import Together
from mycaffe_py.solver.texts import Job
from mycaffe_py.solver.updates import Updater
from mycaffe_py.solver.work import Work

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


class Run(Protocol):
    """A net in training as its hooks see it; `Solver` is one.

    `iteration` counts updates done so far, `rate` is the learning rate of the last one. Setting
    `stopping` ends the loop after the iteration under way, and `enough`, a reason in words, ends it
    as at max_iter. The processes of `together` train it; where these are several, all hooks that do
    not write are called in each of them, and have to do the same.
    """

    job: Job
    text: SolverParameter
    seed: int
    work: Work
    together: Together
    iteration: int
    current_step: int
    rate: float
    smoothed: Smoothed
    stopping: bool
    enough: str
    record: RunRecord

    @property
    def net(self) -> Net:
        """The net that learns."""

    @property
    def test_nets(self) -> Sequence[Net]:
        """The TEST nets, which work on the parameters of `net`."""

    @property
    def params(self) -> Params:
        """The parameters that learn, and the state beside them."""

    @property
    def updater(self) -> Updater:
        """What changes the parameters, with the history it keeps."""

    def ask(self, wish: str) -> None:
        """STOP after this iteration, or write a SNAPSHOT; several processes agree upon it first."""

    def heed(self) -> None:
        """Do what the processes have agreed upon."""

    def tell(self, event: Event) -> None:
        """Let every hook know of `event`."""

    def tell_tested(self, net: int, batch: int, batches: int) -> None:
        """Let every hook know how far a test has come."""


class Hook:
    """Called at fixed points of the loop; every method does nothing unless overridden.

    A hook that `writes` files or prints runs only in the first of several processes that train
    together.
    """

    writes: ClassVar[bool] = False

    def start(self, solver: Run) -> None:
        """Before the first step of this process."""

    def before_step(self, solver: Run) -> None:
        """Gradients are clear; nothing of this iteration is computed."""

    def after_forward(self, solver: Run, loss: float) -> None:
        """One of the iteration's `iter_size` forwards is done; its loss is `loss`."""

    def after_gradients(self, solver: Run) -> None:
        """All gradients of this iteration are there; the weights are still the old ones."""

    def after_step(self, solver: Run) -> None:
        """The weights are updated and the iteration counts."""

    def tested(self, solver: Run, net: int, batch: int, batches: int) -> None:
        """`batch` of the `batches` of a test of test net `net` are done; 0 before the first."""

    def told(self, solver: Run, event: Event) -> None:
        """A hook, maybe this one, has told of `event`."""

    def finish(self, solver: Run) -> None:
        """The loop has ended: at max_iter, or earlier because of `solver.stopping`."""

    def failed(self, solver: Run, error: BaseException) -> None:
        """The loop has ended by `error`, in place of `finish`."""

    def close(self, solver: Run) -> None:
        """Always called last, even after an error: give back what was taken."""


def for_rank(hooks: Sequence[Hook], rank: int) -> list[Hook]:
    """Those of `hooks` that process number `rank` runs: all in process 0, else those that do not
    write.
    """
    return [hook for hook in hooks if rank == 0 or not hook.writes]
