"""The learning rate policies: a pure function of the iteration and the multistep counter.

base b, gamma g, iteration i (updates done so far):
fixed b | step b g^floor(i / stepsize) | exp b g^i | inv b (1 + g i)^-power |
multistep b g^(stepvalues reached) | poly b (1 - i / max_iter)^power |
sigmoid b / (1 + exp(-g (i - stepsize))) | sigmoid_inv b (1 - 1 / (1 + exp(-g (i - stepsize)))).
While i < w = warmup_iter, by any policy: (i b + (w - i) warmup_start_lr) / w, as Intel's Caffe.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter

Factor = Callable[[SolverParameter, int, int], float]


def _sigmoid(p: SolverParameter, i: int, current_step: int) -> float:
    """1 / (1 + exp(-x)) without overflow: x = gamma (i - stepsize)."""
    x = p.gamma * (i - p.stepsize)
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))


# What each policy multiplies base_lr with.
FACTORS: dict[str, Factor] = {
    "fixed": lambda p, i, step: 1.0,
    "step": lambda p, i, step: p.gamma**step,
    "exp": lambda p, i, step: p.gamma**i,
    "inv": lambda p, i, step: (1.0 + p.gamma * i) ** -p.power,
    "multistep": lambda p, i, step: p.gamma**step,
    "poly": lambda p, i, step: max(0.0, 1.0 - i / p.max_iter) ** p.power,
    "sigmoid": _sigmoid,
    "sigmoid_inv": lambda p, i, step: 1.0 - _sigmoid(p, i, step),
}
_NEEDS_STEPSIZE = ("step",)
_NEEDS_GAMMA = ("step", "exp", "inv", "multistep", "sigmoid", "sigmoid_inv")


def check_policy(solver: SolverParameter, where: Locations) -> None:
    """Raise UserError where the policy is unknown or one of its numbers cannot be used."""
    policy = solver.lr_policy
    if policy not in FACTORS:
        raise UserError(
            f"unknown lr_policy '{policy}'" if policy else "lr_policy is missing",
            where=where.at("lr_policy"),
            wanted="" if policy else "the solver must know how the learning rate changes",
            do=nearest(policy, FACTORS),
        )
    if policy in _NEEDS_GAMMA and not (solver.HasField("gamma") and solver.gamma >= 0):
        found = f"gamma is {solver.gamma:g}" if solver.HasField("gamma") else "gamma is missing"
        raise UserError(
            found,
            where=where.at("gamma"),
            wanted=f"lr_policy '{policy}' multiplies with it: a number of at least 0",
        )
    if policy in _NEEDS_STEPSIZE and solver.stepsize <= 0:
        raise UserError(
            f"stepsize is {solver.stepsize}",
            where=where.at("stepsize"),
            wanted="lr_policy 'step' lowers the rate every stepsize iterations: at least 1",
        )
    if policy == "poly" and solver.max_iter <= 0:
        raise UserError(
            f"max_iter is {solver.max_iter}",
            where=where.at("max_iter"),
            wanted="lr_policy 'poly' reaches 0 there: at least 1",
        )
    if not solver.warmup_iter and solver.HasField("warmup_start_lr"):
        raise UserError(
            "warmup_start_lr without warmup_iter",
            where=where.at("warmup_start_lr"),
            wanted="the rate rises from it for warmup_iter iterations: at least 1",
        )
    if list(solver.stepvalue) != sorted(solver.stepvalue):
        raise UserError(
            f"stepvalue entries are {list(solver.stepvalue)}",
            where=where.at("stepvalue", 0),
            wanted="they are iterations in rising order",
        )


def learning_rate(
    solver: SolverParameter, iteration: int, current_step: int = 0
) -> tuple[float, int]:
    """The rate of `iteration`, and the new multistep counter.

    The counter goes up by at most 1 a call, as in Caffe; the solver state saves it.
    """
    policy = solver.lr_policy
    if policy == "step":
        current_step = iteration // solver.stepsize
    elif policy == "multistep":
        values = solver.stepvalue
        if current_step < len(values) and iteration >= values[current_step]:
            current_step += 1
    if iteration < solver.warmup_iter:
        return _warming_up(solver, max(iteration, 0)), current_step
    try:
        factor = FACTORS[policy](solver, iteration, current_step)
    except (OverflowError, ZeroDivisionError):
        # C++ computes infinity here; then the loss becomes infinite and stops the run.
        factor = math.inf
    return solver.base_lr * factor, current_step


def _warming_up(solver: SolverParameter, iteration: int) -> float:
    """The rate on its way from warmup_start_lr to base_lr."""
    left = solver.warmup_iter - iteration
    return (iteration * solver.base_lr + left * solver.warmup_start_lr) / solver.warmup_iter


def steps_before(solver: SolverParameter, iteration: int) -> int:
    """The multistep counter before `iteration`, computed without going through all iterations."""
    if solver.lr_policy != "multistep":
        return 0
    steps, last = 0, -1
    for value in solver.stepvalue:
        # Two equal values take two iterations.
        last = max(last + 1, value)
        steps += last < iteration
    return steps
