"""Floor 8. The training loop on plain nets, as pycaffe's solvers run it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mycaffe_py.pycaffe import log_lines
from mycaffe_py.pycaffe.mode import next_seed, solver_rank
from mycaffe_py.pycaffe.net_text import NetSource
from mycaffe_py.pycaffe.plain_net import PlainNet
from mycaffe_py.pycaffe.solver_hooks import Callbacks, ScriptLog
from mycaffe_py.solver.hooks.ceiling import Ceiling
from mycaffe_py.solver.hooks.collapse import Collapse
from mycaffe_py.solver.hooks.display import Display
from mycaffe_py.solver.hooks.hook import Event
from mycaffe_py.solver.hooks.mining import NothingMined
from mycaffe_py.solver.hooks.normalization import ModesPart
from mycaffe_py.solver.hooks.snapshot import Snapshot
from mycaffe_py.solver.hooks.test import MeasureTestNets
from mycaffe_py.solver.nets import param_shapes
from mycaffe_py.solver.rates import check_policy, learning_rate
from mycaffe_py.solver.run import snapshot_prefix
from mycaffe_py.solver.saving import load, restore, save
from mycaffe_py.solver.solver import Smoothed, Solver, keep
from mycaffe_py.solver.texts import Job, NetText
from mycaffe_py.solver.updates import Updater


class UpdateElsewhere(Updater):
    """Updates weights that the net shares with another net since then, or that were moved to
    larger memory, where they are.
    """

    def __init__(self, net: PlainNet, job: Job) -> None:
        super().__init__(net.params, job.solver, job.where)
        self.net = net

    def clear_gradients(self) -> None:
        """Set all gradients to 0: a script may have written into any."""
        self.net.clear_gradients()

    def apply(self, rate: float, iteration: int) -> None:
        """Update; frozen weights have an update of 0, as in Caffe."""
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
    """The loop of floor 6 on nets that were compiled without passes."""

    net: PlainNet
    test_nets: list[PlainNet]  # type: ignore[assignment]

    def __init__(self, job: Job) -> None:
        """Build the nets; load the files that the solver text names as `weights`."""
        self.job = job
        self.text = job.solver
        given = self.text.random_seed
        self.seed = given + solver_rank() if given >= 0 else next_seed()
        self.callbacks = Callbacks()
        prefix = snapshot_prefix(job, None)
        self.hooks = (
            MeasureTestNets(),
            ModesPart(),
            Display(quiet=True),
            self.callbacks,
            Snapshot(prefix),
            ScriptLog(),
            NothingMined(),
            Collapse(),
            Ceiling(),
        )
        self.reduce = keep
        check_policy(self.text, job.where)
        say = self._debug if self.text.debug_info else None
        self.net = source_of(job.train).build(self.seed, None, say)
        stored = param_shapes(self.net.graph)
        self.test_nets = [source_of(text).build(self.seed, stored, say) for text in job.tests]
        for net in self.test_nets:
            net.share_values(self.net)
        self.updater = UpdateElsewhere(self.net, job)
        self._begin()
        self._begun = False
        for file in _files(self.text.weights):
            for line in load(self, file).lines(str(file)):
                log_lines.log(line)

    def learning_rate(self) -> float:
        """The rate of the next update; asked for, multistep moves on, as Caffe's does."""
        self.rate, self.current_step = learning_rate(self.text, self.iteration, self.current_step)
        return self.rate

    def apply_update(self) -> None:
        """Update the weights by the gradients as they are; the iteration counts."""
        self.updater.apply(self.learning_rate(), self.iteration)
        self.iteration += 1

    def run_steps(self, number: int) -> None:
        """`number` iterations; the displayed loss is the mean of these alone."""
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
        """Go on to max_iter, then the last snapshot and test."""
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


def source_of(text: NetText) -> NetSource:
    """A net of a solver text, ready to be built."""
    return NetSource(text.net, text.where, text.state)


def _files(entries: Sequence[str]) -> list[Path]:
    """`weights` of a solver text: several entries, each of which may list several files."""
    names = (name.strip() for entry in entries for name in entry.split(","))
    return [Path(name) for name in names if name]
