"""Floor 6. The training loop: Caffe's Solve and Step, with hooks for everything around the step.

Order of one iteration: clear gradients; tests; iter_size times forward and backward; display;
`reduce`; update; snapshot. `iteration` counts updates done so far.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from mycaffe_py.engine.params import Params
from mycaffe_py.layers.base import Array
from mycaffe_py.snapshot.best import Best
from mycaffe_py.solver.debug_info import norms
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.nets import build_test_nets, build_train_net
from mycaffe_py.solver.rates import check_policy, learning_rate
from mycaffe_py.solver.texts import Job
from mycaffe_py.solver.updates import Updater

Reduce = Callable[[Array], None]


def keep(gradients: Array) -> None:
    """The `reduce` of a run on its own: gradients stay as they are."""


class Smoothed:
    """Mean of the last `window` losses (average_loss); `value` is NaN before the first."""

    def __init__(self, window: int) -> None:
        self._losses: deque[float] = deque(maxlen=max(1, window))
        self.value = math.nan

    def add(self, loss: float) -> None:
        """Take the loss of one more iteration."""
        self._losses.append(loss)
        self.value = math.fsum(self._losses) / len(self._losses)


class Solver:
    """A net in training. Setting `stopping` ends the loop after the iteration at hand, setting
    `snapshot_asked` writes a snapshot then, and `enough`, a reason in words, ends it as at
    max_iter. `film_every` is the interval of its film, 0 without; `film_losses` are those that no
    frame holds yet. `best` is the best test so far, where one is looked for. `run` names the run it
    is part of, "" where that follows from texts, seed and data.

    `reduce` is given the flat gradients of an iteration before the update, in place: the seam
    where several processes training together sum theirs up.
    """

    def __init__(
        self, job: Job, seed: int, hooks: Sequence[Hook] = (), *, reduce: Reduce = keep
    ) -> None:
        """Check the solver text and build its nets, with weights from the seed."""
        self.job = job
        self.text = job.solver
        self.seed = seed
        self.hooks = tuple(hooks)
        self.reduce = reduce
        check_policy(self.text, job.where)
        say = self._debug if self.text.debug_info else None
        self.net = build_train_net(job, seed, say)
        self.test_nets = build_test_nets(job, seed, self.net, say)
        self.updater = Updater(self.params, self.text, job.where)
        self._begin()

    def _begin(self) -> None:
        """What a run has before its first iteration."""
        self.smoothed = Smoothed(self.text.average_loss)
        self.iteration = 0
        self.current_step = 0
        self.rate = self.text.base_lr
        self.stopping = False
        self.snapshot_asked = False
        self.last_snapshot: Path | None = None
        self.enough = ""
        self.film_every = 0
        self.film_losses: list[float] = []
        self.best: Best | None = None
        self.run = ""
        self.tests: dict[int, Event] = {}

    @property
    def params(self) -> Params:
        """The parameters that learn, and the state beside them."""
        return self.net.params

    def tell(self, event: Event) -> None:
        """Let every hook know of `event`; `tests` keeps the last one of each test net."""
        if event.kind == "test":
            self.tests[event.figures["net"]] = event
        for hook in self.hooks:
            hook.told(self, event)

    def tell_tested(self, net: int, batch: int, batches: int) -> None:
        """Let every hook know how far a test has come."""
        for hook in self.hooks:
            hook.tested(self, net, batch, batches)

    def _debug(self, line: str) -> None:
        """One of Caffe's lines of debug_info."""
        self.tell(Event("debug", self.iteration, {"line": line}))

    def step(self) -> None:
        """One iteration. Does nothing after its tests when these were asked to stop."""
        self.updater.clear_gradients()
        for hook in self.hooks:
            hook.before_step(self)
        if self.stopping or self.enough:
            return
        self._gradients()
        for hook in self.hooks:
            hook.after_gradients(self)
        self.reduce(self.params.diff)
        self.updater.apply(self.rate, self.iteration)
        self.iteration += 1
        for hook in self.hooks:
            hook.after_step(self)

    def _gradients(self) -> None:
        """Forward and backward, iter_size times; gradients add up."""
        self.rate, self.current_step = learning_rate(self.text, self.iteration, self.current_step)
        size = self.text.iter_size
        losses = []
        for number in range(self.iteration * size, (self.iteration + 1) * size):
            losses.append(self.net.forward(number))
            for hook in self.hooks:
                hook.after_forward(self, losses[-1])
            self.net.backward()
            if self.text.debug_info:
                self._debug(norms(self.params))
        self.smoothed.add(math.fsum(losses) / size)

    def solve(self) -> None:
        """Train up to max_iter, or until somebody sets `stopping`."""
        with ExitStack() as started:
            try:
                self._started_loop(started)
            except BaseException as error:
                for hook in self.hooks:
                    hook.failed(self, error)
                raise

    def _started_loop(self, started: ExitStack) -> None:
        for hook in self.hooks:
            hook.start(self)
            started.callback(hook.close, self)
        while self.iteration < self.text.max_iter and not (self.stopping or self.enough):
            self.step()
        for hook in self.hooks:
            hook.finish(self)
