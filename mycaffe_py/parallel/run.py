"""A run on one process or several: what several need besides, and then the run itself."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.errors import UserError
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.manner import Manner
from mycaffe_py.solver.run import Start
from mycaffe_py.solver.run import train as train_in_team
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.team import Team
from mycaffe_py.solver.texts import Job

_PLAIN = Manner()


def train(
    job: Job, start: Start, manner: Manner = _PLAIN, *, team: Team, hooks: Sequence[Hook] = ()
) -> Solver:
    """Run `job` on all processes of `team`, as solver/run.py does; the files are there for all.

    Errors: several processes without shards, and all that stops a run.
    """
    if team.ranks > 1 and job.solver.shards == 1:
        raise UserError(
            f"{team.ranks} processes, and the solver text has no shards",
            where=job.where.at(),
            wanted="each process works on its own shards of every batch",
            do=f"Write shards: {team.ranks} or a multiple in it, or give --shards {team.ranks}.",
        )
    solver = train_in_team(job, start, manner, team=team, hooks=hooks)
    team.tell(None)
    return solver
