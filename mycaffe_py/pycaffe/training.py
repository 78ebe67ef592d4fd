"""The training loop on plain nets, as pycaffe's solvers run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.errors import UserError
from mycaffe_py.pycaffe import log_lines
from mycaffe_py.pycaffe.mode import next_seed, solver_rank
from mycaffe_py.pycaffe.net_text import NetSource
from mycaffe_py.pycaffe.plain_net import PlainNet
from mycaffe_py.pycaffe.solver_hooks import Callbacks, ScriptLog
from mycaffe_py.solver.debug_info import DebugLines
from mycaffe_py.solver.hooks.ceiling import Ceiling
from mycaffe_py.solver.hooks.collapse import Collapse
from mycaffe_py.solver.hooks.display import Display
from mycaffe_py.solver.hooks.hook import Event, Hook
from mycaffe_py.solver.hooks.mining import NothingMined
from mycaffe_py.solver.hooks.normalization import ModesPart
from mycaffe_py.solver.hooks.snapshot import WriteSnapshots
from mycaffe_py.solver.hooks.test import MeasureTestNets
from mycaffe_py.solver.nets import Nets, param_shapes
from mycaffe_py.solver.rates import check_policy, learning_rate
from mycaffe_py.solver.run import snapshot_prefix
from mycaffe_py.solver.saving import load, restore, save, weights_to_start_from
from mycaffe_py.solver.smoothed import Smoothed
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import Job
from mycaffe_py.solver.updates import Updater


class UpdateElsewhere(Updater):
    """Updates the weights where they are now.

    Since the net was made, a script may have let it share weights with another net, or have moved
    them to larger memory.
    """

    def __init__(self, net: PlainNet, job: Job) -> None:
        super().__init__(net.params, job.solver, job.where)
        self.net = net

    def clear_gradients(self) -> None:
        """Set all gradients to 0: a script may have written into any."""
        self.net.clear_gradients()

    def apply(self, rate: float, iteration: int) -> None:
        """Update all weights; the update of frozen weights is 0, as in Caffe."""
        both = ((self.net.values, self.params.values), (self.net.gradients, self.params.gradients))
        keys = [info.key for info in self.params.infos]
        elsewhere = [
            (there[key], own[key])
            for there, own in both
            for key in keys
            if there[key] is not own[key]
        ]
        for there, own in elsewhere:
            own[...] = there
        super().apply(rate, iteration)
        for info in self.params.infos:
            if info.lr_mult == 0:
                self.params.gradients[info.key].fill(0)
        for there, own in elsewhere:
            there[...] = own


class Training(Solver):
    """The training loop on nets that were compiled without passes."""

    net: PlainNet
    test_nets: Sequence[PlainNet]

    def __init__(self, job: Job) -> None:
        """Build the nets; load the files that the solver text names as `weights`."""
        check_policy(job.solver, job.where)
        if job.solver.shards > 1:
            raise UserError(
                f"shards is {job.solver.shards}",
                where=job.where.at("shards"),
                wanted="a script looks into one net, which has the whole batch",
                do="Remove the line, or train with 'mycaffe train'.",
            )
        given = job.solver.random_seed
        seed = given + solver_rank() if given >= 0 else next_seed()
        self.callbacks = Callbacks()
        nets = plain_nets(job, seed)
        updater = UpdateElsewhere(nets.train, job)
        super().__init__(job, nets, updater, seed, hooks_of(job, self.callbacks))
        self._begun = False
        for file in weights_to_start_from(self.text):
            for line in load(self, file).lines(str(file)):
                log_lines.log(line)

    def learning_rate(self) -> float:
        """The rate of the next update. As in Caffe, asking moves multistep on when due."""
        self.rate, self.current_step = learning_rate(self.text, self.iteration, self.current_step)
        return self.rate

    def apply_update(self) -> None:
        """Update the weights by the gradients as they are; the iteration counts."""
        self.updater.apply(self.learning_rate(), self.iteration)
        self.iteration += 1

    def run_steps(self, number: int) -> None:
        """Do `number` iterations; the displayed loss is the mean of these alone."""
        self.smoothed = Smoothed(self.text.average_loss)
        self._start_hooks()
        for _ in range(number):
            self.step()

    def _start_hooks(self) -> None:
        if not self._begun:
            for hook in self.hooks:
                hook.start(self)
            self._begun = True

    def solve(self) -> None:
        """Train up to max_iter, then write the last snapshot and do the last test."""
        log_lines.log(f"Solving {self.net.graph.name}")
        log_lines.log(f"Learning Rate Policy: {self.text.lr_policy}")
        self.smoothed = Smoothed(self.text.average_loss)
        super().solve()

    def restore(self, file: Path) -> None:
        """Go on from a .solverstate, with the batches that come next in its run."""
        restore(self, file)
        self.net.go_to_batch(self.iteration * self.text.iter_size)
        tests = -(-self.iteration // self.text.test_interval) if self.text.test_interval else 0
        for net, batches in zip(self.test_nets, self.text.test_iter, strict=True):
            net.go_to_batch(tests * batches)

    def snapshot(self) -> None:
        """Write a snapshot now."""
        self._start_hooks()
        files = save(self, snapshot_prefix(self.job, None))
        figures = {"weights": str(files.weights), "state": str(files.state)}
        self.tell(Event("snapshot", self.iteration, figures))


def plain_nets(job: Job, seed: int) -> Nets[PlainNet]:
    """The nets of `job` without passes; TEST nets work on the values of the TRAIN net."""
    say = DebugLines() if job.solver.debug_info else None
    train = NetSource(job.train).build(seed, None, say)
    stored = param_shapes(train.graph)
    tests = [NetSource(text).build(seed, stored, say) for text in job.tests]
    for net in tests:
        net.share_values(train)
    return Nets(train, tests, say)


def hooks_of(job: Job, callbacks: Callbacks) -> tuple[Hook, ...]:
    """What happens around the steps of a script's solver."""
    return (
        MeasureTestNets(),
        ModesPart(),
        Display(quiet=True),
        callbacks,
        WriteSnapshots(snapshot_prefix(job, None)),
        ScriptLog(),
        NothingMined(),
        Collapse(),
        Ceiling(),
    )
