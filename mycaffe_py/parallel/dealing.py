"""Tasks of one command, dealt to all processes that a launcher has started."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

from mycaffe_py.optional import optional
from mycaffe_py.solver.team import Team

Task = TypeVar("Task")
Made = TypeVar("Made")

# What this process makes of a task that it is sent: tasks travel, functions do not.
_makers: list[Callable[[Any], Any]] = []


def dealt(
    team: Team, tasks: Sequence[Task], make: Callable[[Task], Made], ahead: int | None = None
) -> Iterator[Made]:
    """What `make` makes of each of the `tasks`, in their order, for process 0.

    The others have a `make` of their own, work at what process 0 deals to them, and get nothing;
    their `tasks` do not count. Process 0 works, too. At most `ahead` results wait for their turn.
    Errors: those of `make` in any process; those of a process that dies end the whole job, as MPI
    does not tell the others.
    """
    if team.ranks == 1:
        yield from map(make, tasks)
        return
    futures = optional("mpi4py.futures", "mpi", "a run on several processes")
    _makers.append(make)
    try:
        with ExitStack() as stack:
            if team.rank > 0:
                stack.enter_context(_interrupted_later())
            executor = stack.enter_context(futures.MPICommExecutor())
            if executor is not None:
                yield from _led(executor, tasks, make, ahead or len(tasks), stack)
    finally:
        _makers.pop()


def _made(task: Any) -> Any:
    return _makers[-1](task)


@dataclass(eq=False)
class _Given(Generic[Task, Made]):
    """A task that is offered to all; `own` is what this process has made of it."""

    task: Task
    future: Future[Made]
    own: list[Made] = field(default_factory=list)

    def taken_back(self) -> bool:
        """Whether nobody else has it, nor ever will."""
        return not self.future.cancelled() and self.future.cancel()


def _led(
    executor: Any,
    tasks: Sequence[Task],
    make: Callable[[Task], Made],
    ahead: int,
    stack: ExitStack,
) -> Iterator[Made]:
    """Offer tasks to the others, and do those that none of them has begun."""
    left = iter(tasks)
    given: deque[_Given[Task, Made]] = deque()
    try:
        while True:
            for task in islice(left, ahead - len(given)):
                given.append(_Given(task, executor.submit(_made, task)))
            if not given:
                return
            while not given[0].future.done():
                mine = next((one for one in given if one.taken_back()), None)
                if mine is None:
                    wait([given[0].future])
                else:
                    mine.own.append(make(mine.task))
            first = given.popleft()
            yield first.own[0] if first.own else first.future.result()
    except (KeyboardInterrupt, GeneratorExit):
        # What is at work is done to its end and may be kept; nothing else is begun.
        for one in given:
            one.future.cancel()
        raise
    except BaseException:
        # All processes are about to be ended: nobody waits for what is at work.
        stack.pop_all()
        raise


@contextmanager
def _interrupted_later() -> Iterator[None]:
    """Let Ctrl-C, which reaches all processes of a terminal, end this one behind the block."""
    told: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: told.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if told:
        raise KeyboardInterrupt
