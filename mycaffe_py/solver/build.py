"""Builds the solver of a job."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.nets import build_nets
from mycaffe_py.solver.rates import check_policy
from mycaffe_py.solver.shards.build import build_shards
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.team import ALONE, Team, Together
from mycaffe_py.solver.texts import Job
from mycaffe_py.solver.updates import Updater


def build_solver(
    job: Job,
    seed: int,
    hooks: Sequence[Hook] = (),
    *,
    team: Team = ALONE,
) -> Solver:
    """The solver of `job`, its nets filled with weights from `seed`; `team` trains it.

    Errors: all that the texts of the job may have wrong.
    """
    check_policy(job.solver, job.where)
    together = Together(team)
    if job.solver.shards > 1:
        nets, updater, work = build_shards(job, seed, together)
        return Solver(job, nets, updater, seed, hooks, work=work, together=together)
    nets = build_nets(job, seed)
    return Solver(job, nets, Updater(nets.train.params, job.solver, job.where), seed, hooks)
