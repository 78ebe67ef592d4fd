"""The solver types: how a gradient and its history change the weights.

The kernels in kernels/updates.py hold the formulas; here stand the numbers that go into them. What
is registered here can be written as `type` in a solver text, is told of by `mycaffe explain
solver`, and has a class in the interface for Caffe's scripts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numba import get_num_threads

from mycaffe_py.engine.params import Params
from mycaffe_py.kernels import updates as kernels
from mycaffe_py.kernels.sharing import call_on
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.registry import Registry

# Parameters from which it pays to wake the other threads: one thread takes 40 us for so many.
_WORTH_SHARING = 100_000


@dataclass(frozen=True)
class Pass:
    """One pass over the parameters: what every kernel is given first.

    `rate` is lr * lr_mult of each segment (float64), `number` the update's number from 1.
    """

    start: Array
    count: Array
    rate: Array
    l2: Array
    l1: Array
    decay_mult: Array
    scale: float
    number: int
    params: Params
    history: Sequence[Array]

    def run(self, kernel: Callable[..., None], *numbers: float | Array, rate: float = 1.0) -> None:
        """Call `kernel` with all scalars in the dtype of the parameters; `rate` multiplies."""
        kind = self.params.data.dtype
        cast = [np.asarray(n, kind) if isinstance(n, np.ndarray) else kind.type(n) for n in numbers]
        call_on(
            get_num_threads() if self.params.data.size >= _WORTH_SHARING else 1,
            kernel,
            self.start,
            self.count,
            (self.rate * rate).astype(kind),
            self.l2.astype(kind),
            self.l1.astype(kind),
            kind.type(self.scale),
            *cast,
            self.params.diff,
            self.params.data,
            *self.history,
        )


@dataclass(frozen=True)
class Rule:
    """A solver type. It keeps `histories` flat arrays, and its formula, in `apply`, reads these
    `fields` of the solver text besides those that hold for all types.
    """

    histories: int
    apply: Callable[[SolverParameter, Pass], None]
    fields: tuple[str, ...] = ("momentum",)

    def words(self, solver: SolverParameter) -> list[str]:
        """What the solver text says of `fields`: momentum where there is some, others where set."""
        momenta = [name for name in self.fields if name.startswith("momentum")]
        told = " and ".join(f"{getattr(solver, name):g}" for name in momenta)
        words = [f"momentum {told}"] if len(momenta) > 1 or (momenta and solver.momentum) else []
        others = [name for name in self.fields if name not in momenta and solver.HasField(name)]
        return [*words, *(f"{name} {getattr(solver, name):g}" for name in others)]


rules: Registry[Rule] = Registry("solver type")


def _sgd(p: SolverParameter, one: Pass) -> None:
    one.run(kernels.sgd, p.momentum)


def _nesterov(p: SolverParameter, one: Pass) -> None:
    one.run(kernels.nesterov, p.momentum)


def _adagrad(p: SolverParameter, one: Pass) -> None:
    one.run(kernels.adagrad, p.delta)


def _rmsprop(p: SolverParameter, one: Pass) -> None:
    one.run(kernels.rmsprop, p.rms_decay, 1 - p.rms_decay, p.delta)


def _adadelta(p: SolverParameter, one: Pass) -> None:
    one.run(kernels.adadelta, p.momentum, 1 - p.momentum, p.delta)


def _adam(p: SolverParameter, one: Pass) -> None:
    b1, b2 = p.momentum, p.momentum2
    correction = math.sqrt(1 - b2**one.number) / (1 - b1**one.number)
    none = np.zeros_like(one.rate)
    one.run(kernels.adam, b1, 1 - b1, b2, 1 - b2, 1.0, p.delta, none, rate=correction)


def _adamw(p: SolverParameter, one: Pass) -> None:
    """Adam with the decay taken from the weights directly: w -= rate * adamw_decay * w."""
    b1, b2 = p.momentum, p.momentum2
    grow = 1 / math.sqrt(1 - b2**one.number)
    shrink = one.rate * p.adamw_decay * one.decay_mult
    rate = 1 / (1 - b1**one.number)
    one.run(kernels.adam, b1, 1 - b1, b2, 1 - b2, grow, p.delta, shrink, rate=rate)


rules.add("SGD", Rule(1, _sgd))
rules.add("Nesterov", Rule(1, _nesterov))
rules.add("AdaGrad", Rule(1, _adagrad, ("delta",)))
rules.add("RMSProp", Rule(1, _rmsprop, ("rms_decay", "delta")))
rules.add("AdaDelta", Rule(2, _adadelta, ("momentum", "delta")))
rules.add("Adam", Rule(2, _adam, ("momentum", "momentum2", "delta")))
rules.add("AdamW", Rule(2, _adamw, ("momentum", "momentum2", "delta", "adamw_decay")))
