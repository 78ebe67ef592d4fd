"""The training loop: Caffe's Solve and Step, with hooks for everything around the step.

Order of one iteration: clear gradients; tests; iter_size times forward and backward; sum over
shards; display; update; snapshot. `iteration` counts updates done so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.params import Params
from mycaffe_py.solver.debug_info import norms
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.hooks.interrupt import say_stopping
from mycaffe_py.solver.nets import Nets
from mycaffe_py.solver.pace import Pace
from mycaffe_py.solver.rates import learning_rate
from mycaffe_py.solver.run_record import RunRecord
from mycaffe_py.solver.smoothed import Smoothed
from mycaffe_py.solver.team import ALONE, SNAPSHOT, STOP, Together
from mycaffe_py.solver.texts import Job
from mycaffe_py.solver.updates import Updater
from mycaffe_py.solver.work import Work


class Solver:
    """A net in training: what `hooks` see of it is `Run` in hooks/hook.py.

    `work` does the arithmetic of a step: that of one net unless another is given. `together` are
    the processes that train this net, each with a solver of its own which does the same.
    """

    net: Net
    test_nets: Sequence[Net]

    def __init__(
        self,
        job: Job,
        nets: Nets[Net],
        updater: Updater,
        seed: int,
        hooks: Sequence[Hook] = (),
        *,
        work: Work | None = None,
        together: Together | None = None,
    ) -> None:
        """Train `nets`, which were made from `job` and `seed`, by means of `updater`."""
        self.job = job
        self.text = job.solver
        self.seed = seed
        self.hooks = tuple(hooks)
        self.work = Work(nets.train) if work is None else work
        self.together = Together(ALONE) if together is None else together
        self.net = nets.train
        self.test_nets = nets.tests
        self.updater = updater
        self.record = RunRecord()
        self.smoothed = Smoothed(self.text.average_loss)
        self._pace = Pace()
        self.iteration = 0
        self.current_step = 0
        self.rate = self.text.base_lr
        self.stopping = False
        self.enough = ""
        if nets.debug is not None:
            nets.debug.listener = self._debug

    @property
    def params(self) -> Params:
        """The parameters that learn, and the state beside them."""
        return self.net.params

    def tell(self, event: Event) -> None:
        """Let every hook know of `event`."""
        for hook in self.hooks:
            hook.told(self, event)

    def tell_tested(self, net: int, batch: int, batches: int) -> None:
        """Let every hook know how far a test has come."""
        for hook in self.hooks:
            hook.tested(self, net, batch, batches)

    def ask(self, wish: str) -> None:
        """STOP after this iteration, or write a SNAPSHOT; several processes agree upon it first."""
        self.together.wish(wish)
        if self.together.ranks == 1:
            self.together.agree(None)
            self.heed()

    def heed(self) -> None:
        """Do what the processes have agreed upon: at once the same in all of them."""
        granted = self.together.granted
        if SNAPSHOT in granted:
            self.record.snapshot_asked = True
        if STOP in granted and not self.stopping:
            self.stopping = True
            if self.together.rank == 0:
                say_stopping()
        granted.clear()

    def _debug(self, line: str) -> None:
        """One of Caffe's lines of debug_info."""
        self.tell(Event("debug", self.iteration, {"line": line}))

    def step(self) -> None:
        """Do one iteration; if its tests were asked to stop, it ends after them."""
        self.updater.clear_gradients()
        for hook in self.hooks:
            hook.before_step(self)
        if self.stopping or self.enough:
            return
        with self._pace:
            self._gradients()
            self.work.reduce()
            for hook in self.hooks:
                hook.after_gradients(self)
            self.updater.apply(self.rate, self.iteration)
            self.work.spread()
        self.iteration += 1
        for hook in self.hooks:
            hook.after_step(self)

    def _gradients(self) -> None:
        """Run forward and backward iter_size times; their gradients add up."""
        self.rate, self.current_step = learning_rate(self.text, self.iteration, self.current_step)
        size = self.text.iter_size
        losses = []
        for number in range(self.iteration * size, (self.iteration + 1) * size):
            losses.append(self.work.forward(number))
            self.heed()
            for hook in self.hooks:
                hook.after_forward(self, losses[-1])
            self.work.backward()
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
