"""Tasks of one command, dealt to all processes that a launcher has started."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack
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
            stack.enter_context(_InterruptedTogether(team))
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


class _InterruptedTogether:
    """Lets Ctrl-C in the block end all processes behind it, at the same place.

    It reaches all processes of a terminal, but some of them later than others: one that has left
    the block by then would wait for ever, and another for it. The first process cuts its work
    short; the others do what they are at to its end.
    """

    def __init__(self, team: Team) -> None:
        self._team = team
        self._before = signal.getsignal(signal.SIGINT)
        self._seen = False

    def __enter__(self) -> None:
        if self._team.rank > 0:
            signal.signal(signal.SIGINT, self._see)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        """Errors: KeyboardInterrupt, once any process has seen one. Others pass without a word."""
        after = self._before
        try:
            if error is None or isinstance(error, (KeyboardInterrupt, GeneratorExit)):
                self._seen |= isinstance(error, KeyboardInterrupt)
                self._seen = any(self._team.tell(self._seen)) or self._seen
            if self._seen:
                # What comes now is the same Ctrl-C, late.
                after = signal.SIG_IGN
        finally:
            if self._team.rank > 0:
                signal.signal(signal.SIGINT, after)
        if self._seen and not isinstance(error, GeneratorExit):
            raise KeyboardInterrupt

    def _see(self, _number: int, _frame: object) -> None:
        self._seen = True
