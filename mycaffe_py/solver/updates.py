"""The update of the weights: clip, divide, regularise, then the rule of the solver type.

Everything works on the flat arrays of the engine's Params. A parameter with lr_mult 0 (frozen, or
state like centroids) is left alone, weight decay included; its history stays 0, but is saved, as in
Caffe. Neither its gradient nor its history is ever written, so the system gives them no memory.
One without a gradient (cut off by propagate_down) is updated by a gradient of 0, as in Caffe: by
its weight decay. After an update the gradients hold what it took off the weights, as in Caffe.
"""

from __future__ import annotations

import math

import numpy as np

from mycaffe_py.engine.params import Params
from mycaffe_py.errors import UserError
from mycaffe_py.kernels import updates as kernels
from mycaffe_py.layers.base import Array
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.solver.rules import Pass, Rule, rules


def check_solver_type(solver: SolverParameter, where: Locations) -> Rule:
    """The rule of `solver`; raises UserError where one of its numbers cannot be used."""
    rule = rules.get(solver.type, where.at("type"))
    if solver.momentum and "momentum" not in rule.fields:
        raise UserError(
            f"momentum is {solver.momentum:g}",
            where=where.at("momentum"),
            wanted=f"solver type {solver.type} has no momentum",
            do="Remove the line.",
        )
    for name in ("momentum", "momentum2", "rms_decay"):
        value = getattr(solver, name)
        if not 0 <= value < 1:
            raise UserError(
                f"{name} is {value:g}",
                where=where.at(name),
                wanted="it is a share of the past that is kept: at least 0 and less than 1",
            )
    if solver.regularization_type.upper() not in ("L1", "L2", "NONE"):
        raise UserError(
            f"unknown regularization_type '{solver.regularization_type}'",
            where=where.at("regularization_type"),
            do="Known: L1, L2, NONE.",
        )
    return rule


class Updater:
    """The parameters of a net, their history, and the rule that changes both."""

    def __init__(self, params: Params, solver: SolverParameter, where: Locations) -> None:
        """Start with a history of zeros."""
        self.rule = check_solver_type(solver, where)
        self.solver = solver
        self.params = params
        # np.zeros_like would write the zeros; np.zeros takes no memory until a page is written.
        self.history = tuple(
            np.zeros(params.data.shape, params.data.dtype) for _ in range(self.rule.histories)
        )
        self._cleared = _runs(params)
        learned = [info for info in params.infos if info.lr_mult != 0]
        self._start = np.array([params.starts[i.key] for i in learned], dtype=np.int64)
        self._count = np.array([i.count for i in learned], dtype=np.int64)
        self._lr_mult = np.array([i.lr_mult for i in learned], dtype=np.float64)
        self._decay_mult = np.array([i.decay_mult for i in learned], dtype=np.float64)

    def clear_gradients(self) -> None:
        """Set the gradients to 0 that backward adds to; they still hold the last update."""
        for run in self._cleared:
            self.params.diff[run].fill(0)

    def gradient_norm(self) -> float:
        """L2 norm of all gradients together, those of frozen parameters left out."""
        return math.sqrt(kernels.squared_norm(self._start, self._count, self.params.diff))

    def apply(self, rate: float, iteration: int) -> None:
        """Update all weights: clip, divide by iter_size, regularise, then the rule's formula."""
        kind = self.solver.regularization_type.upper()
        decay = self.solver.weight_decay * self._decay_mult
        none = np.zeros_like(decay)
        self.rule.apply(
            self.solver,
            Pass(
                start=self._start,
                count=self._count,
                rate=rate * self._lr_mult,
                l2=decay if kind == "L2" else none,
                l1=decay if kind == "L1" else none,
                decay_mult=self._decay_mult,
                scale=self._clip() / max(1, self.solver.iter_size),
                number=iteration + 1,
                params=self.params,
                history=self.history,
            ),
        )

    def _clip(self) -> float:
        most = self.solver.clip_gradients
        if most < 0:
            return 1.0
        norm = self.gradient_norm()
        return most / norm if norm > most else 1.0

    def history_blobs(self) -> list[Array]:
        """Views of the history in Caffe's order: the first of all parameters, then the second."""
        views = []
        for flat in self.history:
            for info in self.params.infos:
                start = self.params.starts[info.key]
                views.append(flat[start : start + info.count].reshape(info.shape))
        return views


def _runs(params: Params) -> list[slice]:
    """The parts of the flat arrays that gradients or updates are written to, neighbours joined."""
    ends = [*list(params.starts.values())[1:], params.data.size]
    runs: list[slice] = []
    for info, end in zip(params.infos, ends, strict=True):
        start = params.starts[info.key]
        if not info.gradient and info.lr_mult == 0:
            continue
        if runs and runs[-1].stop == start:
            start = runs.pop().start
        runs.append(slice(start, end))
    return runs
