"""Whether a launcher such as mpiexec or srun has started this process among several.

It is told by the environment, so that a run without a launcher imports nothing for it.
"""

from __future__ import annotations

import os

# What mpiexec of MPICH and of Open MPI, and srun, tell each process. SLURM_NTASKS is no sign: the
# script of a job, which runs once, has it too.
_SIZES = ("PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
_RANKS = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")


def launched() -> bool:
    """Whether there are several processes, or there may be and the launcher does not tell."""
    told = _told()
    if told:
        return max(told) > 1
    return any(name in os.environ for name in _RANKS)


def announced() -> int:
    """How many processes have been started together, by what all launchers at work agree upon.

    An mpiexec within a job of SLURM starts its helpers by srun, one on each machine; and srun may
    have started the shell that an mpiexec is called from.
    """
    return min(_told(), default=1)


def goes_first() -> bool:
    """Whether the launcher has numbered this process 0, or none."""
    names = (*_RANKS, "SLURM_PROCID")
    return next((os.environ[name] for name in names if name in os.environ), "0") == "0"


def _told() -> list[int]:
    told = (os.environ.get(name, "") for name in _SIZES)
    return [int(size) for size in told if size.isdigit()]
