"""The solvers of pycaffe: one class for each solver type, made from a solver text."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.pycaffe.net import File, Net
from mycaffe_py.pycaffe.net_text import NetSource
from mycaffe_py.pycaffe.training import Training
from mycaffe_py.solver.rules import rules
from mycaffe_py.solver.texts import Job, read_job

# The name of a class is that of its solver type and this.
_ENDING = "Solver"
_PACKAGE = __name__.rpartition(".")[0]


class SGDSolver:
    """Trains a net by stochastic gradient descent with momentum.

    The class decides how weights are updated, whatever the text's `type` says; `get_solver` obeys
    the text. After a step the diffs of the parameters hold what was taken off them.
    """

    _type: ClassVar[str] = "SGD"

    def __init__(self, solver_file: File) -> None:
        """Read the text, and make its nets."""
        self._begin(read_job(os.fspath(solver_file)))

    def _begin(self, job: Job) -> None:
        job.solver.type = self._type
        self._training = Training(job)

    @cached_property
    def net(self) -> Net:
        """The net in training; a script may keep it longer than the solver."""
        return Net._over(self._training.net, NetSource(self._training.job.train).layers())

    @cached_property
    def test_nets(self) -> list[Net]:
        """The test nets, which work on the parameters of `net`."""
        pairs = zip(self._training.test_nets, self._training.job.tests, strict=True)
        return [Net._over(plain, NetSource(text).layers()) for plain, text in pairs]

    @property
    def iter(self) -> int:
        """Updates done so far."""
        return self._training.iteration

    @property
    def param(self) -> SolverParameter:
        """The solver text, live: a base_lr set here holds from the next update on."""
        return self._training.text

    @property
    def lr(self) -> float:
        """The learning rate of the next update. As in Caffe, asking moves multistep on when due."""
        return self._training.learning_rate()

    def step(self, number: int) -> None:
        """Make `number` updates, with the tests, log lines and snapshots that fall due."""
        self._training.run_steps(number)

    def solve(self, resume_file: File | None = None) -> None:
        """Train up to max_iter, from a .solverstate if given."""
        if resume_file is not None:
            self.restore(resume_file)
        self._training.solve()

    def restore(self, file: File) -> None:
        """Go on from this .solverstate."""
        self._training.restore(Path(os.fspath(file)))

    def snapshot(self) -> None:
        """Write weights and state of this iteration, named by snapshot_prefix."""
        self._training.snapshot()

    def apply_update(self) -> None:
        """Update the weights by the diffs as they are, which counts as an iteration."""
        self._training.apply_update()

    def share_weights(self, net: Net) -> None:
        """Let `net` work on the parameters of this solver's net."""
        net.share_with(self.net)

    def add_callback(
        self, on_start: Callable[[], object], on_gradients_ready: Callable[[], object]
    ) -> None:
        """Call the one before each iteration's forward, the other before its update."""
        self._training.callbacks.on_start.append(on_start)
        self._training.callbacks.on_gradients_ready.append(on_gradients_ready)


@cache
def solver_class(kind: str) -> type[SGDSolver]:
    """The class of a solver type, by its name among `rules`."""
    if kind == SGDSolver._type:
        return SGDSolver
    what = f"As SGDSolver, with updates of solver type {kind}."
    return type(f"{kind}Solver", (SGDSolver,), {"_type": kind, "__doc__": what})


def solver_classes() -> list[str]:
    """The names of the classes of all solver types there are."""
    return [f"{kind}{_ENDING}" for kind in rules]


def class_named(name: str) -> type[SGDSolver]:
    """The class called `name`, such as "AdamSolver". Errors: AttributeError, there is no such."""
    if name not in solver_classes():
        raise AttributeError(f"module {_PACKAGE!r} has no attribute {name!r}", name=name)
    return solver_class(name.removesuffix(_ENDING))


def get_solver(solver_file: File) -> SGDSolver:
    """The solver that the text's `type` asks for."""
    job = read_job(os.fspath(solver_file))
    found = solver_class(rules.name_of(job.solver.type, job.where.at("type")))
    solver = found.__new__(found)
    solver._begin(job)
    return solver
